"""Plans, payments and the ledger as people meet them."""
