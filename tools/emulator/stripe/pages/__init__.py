"""The pages that a person sees: Checkout, the bank's question, an invoice, the portal. Plain HTML, no script."""
