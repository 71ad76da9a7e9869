"""The emulated API. It imports nothing of the suite but the loading of specifications."""
