"""What responses say of the limits of a target: what is left of them, until when, and how long to wait.

Sources: the vendor's `X-RateLimit-*` (Reset is a time); the IETF draft's `RateLimit` and `RateLimit-Policy`, and the
single headers of its first versions, which gateways send (reset is a number of seconds); Retry-After of RFC 9110.
"""

import math
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from ampeco_conformance.core.exchanges import Response, header
from ampeco_conformance.core.moments import clock_ahead, http_date

#: The longest pause that a server may ask for, in seconds.
MAXIMUM_PAUSE = 120.0
#: A limit of so many requests is one of a day, where nothing else tells: those of a minute are of about a thousand.
_LEAST_DAILY = 10_000
#: Seconds. What counts anew later than this is told by another clock.
_FURTHEST_RESET = 90_000.0
#: Numbers below are seconds from now, above they are a time (seconds since 1970).
_LEAST_TIME = 1e9

_PREFIXES = ("X-RateLimit", "RateLimit", "X-Rate-Limit")
#: A whole number at the beginning; one of more digits is no number of requests.
_NUMBER = re.compile(r"\s*(-?[0-9]{1,15})(?![0-9.])")
#: The parameters of an item of a structured header: `"default";r=50;t=30`, in older drafts `limit=100, remaining=50`.
_PARAMETER = re.compile(r"\b(limit|remaining|reset|[qrtw])\s*=\s*([0-9]{1,15})\b")


@dataclass(frozen=True, slots=True)
class RequestLimit:
    """A limit, what is left of it, when it counts anew (seconds since 1970), and for how many seconds it holds."""

    limit: int
    remaining: int
    reset: float | None = None
    window: int | None = None

    @property
    def share(self) -> float:
        """The share that is left, from 0 to 1."""
        return self.remaining / max(1, self.limit)

    @property
    def is_long(self) -> bool:
        """Whether it holds for longer than a run waits, such as for a day."""
        if self.window is not None:
            return self.window > MAXIMUM_PAUSE
        ahead = 0.0 if self.reset is None else self.reset - time.time()
        return self.limit >= _LEAST_DAILY or MAXIMUM_PAUSE < ahead <= _FURTHEST_RESET


def limits_of(response: Response) -> list[RequestLimit]:
    """The limits that a response tells; none when it tells none that can be reckoned with."""
    single = (_single(response, prefix) for prefix in _PREFIXES)
    return [*(limit for limit in single if limit is not None), *_structured(response)]


def pause_asked_for(response: Response) -> float | None:
    """Until when (seconds since 1970) a server asks for no more requests; None when it does not.

    By `Retry-After` of a 429 or a 503, else when the limit that is used up counts anew.
    """
    status = response.status_code
    asked = _time(response, header(response.headers, "Retry-After")) if status in (429, 503) else None
    if asked is not None:
        return asked
    texts = (header(response.headers, f"{prefix}-Reset") for prefix in _PREFIXES) if status == 429 else ()
    resets = [limit.reset for limit in limits_of(response) if limit.remaining == 0]
    soon = time.time() + MAXIMUM_PAUSE
    # What is later belongs to another clock, or to a limit that is not waited for.
    return max((at for at in (*resets, *(_time(response, text) for text in texts)) if at and at <= soon), default=None)


def asks_for_another_attempt(response: Response, *, is_read: bool) -> bool:
    """Whether a request is sent again after a pause: any after a 429, a read after a 503 that says when."""
    status = response.status_code
    return status == 429 or (status == 503 and is_read and pause_asked_for(response) is not None)


def _single(response: Response, prefix: str) -> RequestLimit | None:
    """The limit of three headers. Gateways add the window to its number: `100, 100;w=60`."""
    texts = [header(response.headers, f"{prefix}-{name}") for name in ("Limit", "Remaining", "Reset")]
    limit, remaining = map(_number, texts[:2])
    if limit is None and remaining == 0:
        limit = 0
    if limit is None or remaining is None:
        return None
    window = dict(_PARAMETER.findall(texts[0] or "")).get("w")
    return RequestLimit(limit, remaining, _time(response, texts[2]), None if window is None else int(window))


def _structured(response: Response) -> Iterator[RequestLimit]:
    """The limits of `RateLimit`, with what `RateLimit-Policy` says of each."""
    policies = dict(_items(header(response.headers, "RateLimit-Policy")))
    told = header(response.headers, "RateLimit")
    items = [("", _parameters(told or ""))] if "remaining" in (told or "") else _items(told)
    for name, told_of in items:
        known = policies.get(name, {}) | told_of
        limit, remaining = known.get("q", known.get("limit")), known.get("r", known.get("remaining"))
        seconds = known.get("t", known.get("reset"))
        if remaining is not None and (limit is not None or remaining == 0):
            reset = None if seconds is None else time.time() + seconds
            yield RequestLimit(limit or 0, remaining, reset, known.get("w"))


def _items(text: str | None) -> Iterator[tuple[str, dict[str, int]]]:
    for item in (text or "").split(","):
        yield item.partition(";")[0].strip(), _parameters(item)


def _parameters(text: str) -> dict[str, int]:
    return {name: int(value) for name, value in _PARAMETER.findall(text)}


def _number(text: str | None) -> int | None:
    """A number of requests; what is below zero is none."""
    found = None if text is None else _NUMBER.match(text)
    return None if found is None else max(0, int(found[1]))


def _time(response: Response, text: str | None) -> float | None:
    """A time, or a number of seconds from now, as a time of this machine's clock."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        at = http_date(text)
        number = math.nan if at is None else at.timestamp()
    now = time.time()
    if not math.isfinite(number):
        return None
    if number < _LEAST_TIME:
        return now + number
    is_of_this_clock = now <= number <= now + MAXIMUM_PAUSE
    return number if is_of_this_clock else number - (clock_ahead(response) or 0.0)
