"""The one place that takes secrets out of what is shown or written.

By name (headers, query keys, JSON keys) and by known value: the token of the run is masked wherever it occurs.
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from ampeco_conformance.exchanges import Headers

MASK = "***"

_SECRET_NAME = re.compile(
    r"authorization|cookie|signature|token|password|secret|api[-_]?key|credential|sharing[-_]?code|iban|accountnumber",
    re.IGNORECASE,
)
# Names that only look like secrets: ids of things called token, and pages of listings.
_PLAIN_NAME = re.compile(r"(Ids?|cursor|tokenType|tagUid)$|^authorization(Id|s)?$")
_QUERY_PAIR = re.compile(r"(?<=[?&])([^=&#]+)=([^&#]*)")


class Redactor:
    """Masks secrets; `secrets` are values known to be secret, such as the token of the run."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {form for secret in secrets if len(secret) >= 4 for form in (secret, quote(secret, safe=""))}
        self._known = sorted(known, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Any text, with the known secrets masked."""
        for secret in self._known:
            text = text.replace(secret, MASK)
        return text

    def headers(self, headers: Headers) -> Headers:
        """Headers, with the values of secret ones masked; the scheme of an Authorization stays readable."""
        return tuple((name, self._header(name, value)) for name, value in headers)

    def url(self, url: str) -> str:
        """A URL, with secret query values masked."""
        masked = _QUERY_PAIR.sub(lambda match: f"{match[1]}={MASK}" if is_secret_name(match[1]) else match[0], url)
        return self.text(masked)

    def body(self, body: bytes) -> str:
        """A body as text, with the values of secret JSON keys masked at every depth."""
        text = body.decode("utf-8", "replace")
        try:
            value = json.loads(text)
        except ValueError:
            return self.text(text)
        return self.text(json.dumps(self.value(value), ensure_ascii=False, indent=2))

    def value(self, value: Any) -> Any:
        """A JSON value, with the values of secret keys masked at every depth."""
        if isinstance(value, dict):
            return {
                key: MASK if is_secret_name(str(key)) and isinstance(item, str) else self.value(item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def _header(self, name: str, value: str) -> str:
        if not is_secret_name(name) and name.lower() != "authorization":
            return self.text(value)
        scheme, _, rest = value.partition(" ")
        return f"{scheme} {MASK}" if rest and name.lower() == "authorization" else MASK


def is_secret_name(name: str) -> bool:
    """Whether a header, query key or JSON key of this name holds a secret."""
    return bool(_SECRET_NAME.search(name)) and not _PLAIN_NAME.search(name)
