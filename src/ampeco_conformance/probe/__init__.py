"""A first look at a target: whether it can be used, and which API version it serves."""
