"""Charge points, circuits, locations and the commands to them."""
