"""How Camarad is reached: the HTTP API, the pages, the chat, and the command that serves them."""
