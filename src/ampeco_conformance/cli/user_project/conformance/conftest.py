"""Our scenarios use the vocabulary of the suite (`charging`, `driver`, `evse`); our checks judge every response."""

from collections.abc import Iterator

from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.recording.own_checks import own_check
from scenarios.fixtures import *  # noqa: F403 - fixtures are found by their names


@own_check("response-size", claim="A response is at most 5 MB.", source="our API guideline")
def response_size(exchange: Exchange) -> Iterator[str]:
    """A response that is larger than our clients accept."""
    if exchange.response is not None and len(exchange.response.body) > 5_000_000:
        yield f"the response has {len(exchange.response.body)} bytes"
