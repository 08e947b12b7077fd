"""The Google Ads side: the query language, its fields, and the services that answer for them."""
