"""The Analytics side: fields, filters, reports, funnels and the services that answer for them."""
