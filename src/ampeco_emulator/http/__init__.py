"""HTTP: the emulated API with authentication, rate limit, scopes and error bodies, and the ASGI application."""
