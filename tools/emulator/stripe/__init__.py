"""A Stripe emulator: the part of Stripe's API that Camarad sells through, with hosted pages and signed webhooks."""
