"""Charge points, circuits, locations and what is done to them."""
