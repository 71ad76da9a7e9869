"""The HTTP side: routing, authentication, control plane, settings and error bodies."""
