"""Checks whether a target can be used, and detects which API version it serves."""
