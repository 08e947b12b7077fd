"""Server-rendered pages, one noun a module."""
