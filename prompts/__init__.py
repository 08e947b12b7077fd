"""What the agents are told: one Markdown file each, and the loader that checks, hashes and renders them."""
