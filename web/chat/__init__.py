"""The chat page: Chainlit's interface over our own turns, behind our own gate."""
