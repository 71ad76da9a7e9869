"""Exercises operations, listings and resources: first a success, then every boundary, then random data."""
