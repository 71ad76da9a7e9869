"""A gate for tests of what is behind the safety guard."""

from ampeco_conformance.http.request_gate import ReadOnlyGate


class OpenGate(ReadOnlyGate):
    """Lets everything pass: the server is the test's own."""

    def admit(self, method: str, url: str, body: bytes) -> None:
        pass
