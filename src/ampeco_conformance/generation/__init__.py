"""Requests made from a specification: valid samples with real ids, and Schemathesis' generated cases."""
