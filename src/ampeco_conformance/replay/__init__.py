"""Stored cases of findings, and sending them again."""
