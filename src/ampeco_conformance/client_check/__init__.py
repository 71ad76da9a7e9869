"""Judges a client by the contract: its recorded requests, or the requests in its source code."""
