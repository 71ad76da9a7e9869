"""Webhooks, roaming and other systems that talk to the API."""
