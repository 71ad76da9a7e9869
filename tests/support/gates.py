"""A gate for tests of what is behind the safety guard."""

from ampeco_conformance.core.exchanges import Exchange


class OpenGate:
    """Lets everything pass: the server is the test's own."""

    def admit(self, method: str, url: str, body: bytes) -> None:
        pass

    def observe(self, exchange: Exchange) -> None:
        pass
