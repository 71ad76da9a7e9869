"""How much of what a specification documents the requests and responses of a run reach."""
