"""A made-up Google sign-in: OAuth 2.0 and OpenID Connect as Google documents them, on loopback."""
