"""Google's consent: one flow for signing in and for each connector. A flow lives in the state that travels with it, so
that any worker on any host can finish it."""
