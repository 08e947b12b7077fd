"""The objects of the API, one module a noun; each lists its `ROUTES`."""
