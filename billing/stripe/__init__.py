"""Plans and CT paid through Stripe, which alone says what a workspace has paid for; what is stored is a dated copy.

`service.Payments` is the way in. On an event, at a return from Checkout and every few minutes the customer is fetched
again (`fetch`), written (`write`), its plan set (`plan_code`, the one place) and its CT granted (`grants`).
"""
