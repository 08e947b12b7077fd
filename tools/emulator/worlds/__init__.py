"""The made-up worlds: what each demo client looks like, and how visits and clicks are drawn from that."""
