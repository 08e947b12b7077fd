"""What Stripe does by itself: periods, invoices, payments, retries, ends."""
