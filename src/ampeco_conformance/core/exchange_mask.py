"""Masks whole exchanges, so that they may be written down."""

from dataclasses import replace

from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.redaction import Redactor


class ExchangeMask:
    """Masks exchanges as the reports of a run show them."""

    #: Whether requests are about real people as much as responses, and masked like them.
    masks_alike = False

    def __init__(self, redactor: Redactor) -> None:
        self.redactor = redactor

    def __call__(self, exchange: Exchange) -> Exchange:
        """An exchange that may be written down."""
        request, response = exchange.request, exchange.response
        shown = replace(
            request,
            url=self.url(request.url),
            headers=self.redactor.headers(request.headers, received=self.masks_alike),
            body=self.body(request.body, received=self.masks_alike) if request.body else request.body,
        )
        if response is not None:
            response = replace(
                response,
                reason=self.redactor.reason(response.reason, response.status_code),
                headers=self.redactor.headers(response.headers, received=True),
                body=self.body(response.body, received=True) if response.body else b"",
            )
        error = self.redactor.text(exchange.error) if exchange.error else exchange.error
        return replace(exchange, request=shown, response=response, error=error)

    def url(self, url: str) -> str:
        """A URL that was sent."""
        return self.redactor.url(url)

    def body(self, body: bytes, *, received: bool) -> bytes:
        """The body of a message."""
        shown = self.redactor.body(body, received=True) if received else self.redactor.sent_body(body)
        return shown.encode("utf-8", "replace")
