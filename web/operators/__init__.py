"""What operators see in a browser."""
