"""The emulated API. It uses nothing of the test suite except the loading of specifications."""
