"""What decides which requests may leave: a client has no other way to send one."""

from typing import Protocol
from urllib.parse import urlsplit

from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.target.safety import NotPermitted

_READS = frozenset({"GET", "HEAD"})
_CONTROL_PLANE = "/_emulator/"


class Gate(Protocol):
    """Decides about requests before they are sent, and sees every exchange before other observers."""

    def admit(self, method: str, url: str, body: bytes) -> None:
        """Allow a request, or raise."""

    def observe(self, exchange: Exchange) -> None:
        """See an exchange."""

    def documents(self, method: str, url: str, status: int) -> bool:
        """Whether the specification is known to give an operation this status."""


class ReadOnlyGate:
    """The gate of a client that is given no other: only reads pass, and no GET of an action."""

    def admit(self, method: str, url: str, body: bytes) -> None:  # noqa: ARG002 - the protocol's
        """Allow a read. Raises NotPermitted."""
        path = urlsplit(url).path
        if method not in _READS or "/actions/" in path:
            raise NotPermitted(f"{method} {path} is not sent by a client without a safety guard")

    def observe(self, exchange: Exchange) -> None:
        """Reads need no record."""

    def documents(self, method: str, url: str, status: int) -> bool:  # noqa: ARG002 - the protocol's
        """No specification is known here."""
        return False


class ControlPlaneGate(ReadOnlyGate):
    """The gate to the control plane of an emulator, and to reads of the API."""

    def admit(self, method: str, url: str, body: bytes) -> None:
        """Allow a request to the control plane, or a read. Raises NotPermitted."""
        if _CONTROL_PLANE not in urlsplit(url).path:
            super().admit(method, url, body)
