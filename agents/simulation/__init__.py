"""Two days of traffic in minutes: made-up workspaces that talk through the real door, in a data folder of its own."""
