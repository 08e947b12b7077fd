"""Finding agents, connectors and pages by name for anyone, and a client's own conversations for those signed in."""
