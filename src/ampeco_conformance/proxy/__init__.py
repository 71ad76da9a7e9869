"""A proxy between an integration and its target, which judges and records the traffic."""
