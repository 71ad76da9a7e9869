"""Finds the requests of a client in its source code, in whatever language: one scanner over the tokens of Pygments."""
