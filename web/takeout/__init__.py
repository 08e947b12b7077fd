"""A workspace's data in the hands of its owner: taken out as a file, or erased."""
