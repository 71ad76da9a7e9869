"""Checks of users: a function that judges every response of a run, declared in their `conformance/conftest.py`.

    @own_check("request-id", claim="Every response names its request.", source="our guideline 7")
    def request_id(exchange: Exchange) -> Iterator[str]:
        if header(exchange.response.headers, "x-request-id") is None:
            yield "the response has no X-Request-Id"

A package declares checks for all its users with an entry point of the group `ampeco_conformance.checks`, which names
the module. The response is the proof of what they find: nothing is repeated.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import entry_points

from ampeco_conformance.core.checks import Check, Reproduction, Severity, Violation
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange

JudgeResponse = Callable[[Exchange], Iterable[str]]
"""Judges an exchange that has a response: one sentence for each violation."""

GROUP = "ampeco_conformance.checks"


class OwnCheckError(Exception):
    """A check of the user failed, or says what is no sentence: the response is not judged."""


_OWN: dict[str, tuple[Check, JudgeResponse]] = {}


def own_check(
    id: str, *, claim: str, source: str, title: str = "", severity: Severity = Severity.NORMAL
) -> Callable[[JudgeResponse], JudgeResponse]:
    """Declare a check. Ids have a hyphen, as those of scenarios have, so that they are never one of the suite's.

    Raises ConfigurationError for an id without one.
    """
    if "-" not in id:
        raise ConfigurationError(f"the id {id!r} of your check needs a hyphen (example: {id}-present)")
    title = title or id.replace("-", " ").capitalize()
    check = Check(id, title, severity, claim, source, "own", Reproduction.SIGHT)

    def declared(judge: JudgeResponse) -> JudgeResponse:
        _OWN[id] = (check, judge)
        return judge

    return declared


def load_entry_points() -> None:
    """Import the modules in which installed packages declare their checks. Raises ConfigurationError."""
    for entry in entry_points(group=GROUP):
        try:
            entry.load()
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            raise ConfigurationError(
                f"the checks of the entry point {entry.value} cannot be loaded: {problem}"
            ) from error


def own_violations(exchange: Exchange) -> Iterator[Violation]:
    """What the user's checks find in a response. Raises OwnCheckError when one of them cannot tell."""
    if exchange.response is None:
        return
    for check, judge in _OWN.values():
        yield from map(check.violation, _messages(check, judge, exchange))


def _messages(check: Check, judge: JudgeResponse, exchange: Exchange) -> list[str]:
    """What a check says of an exchange; one sentence may be returned as it is. Raises OwnCheckError."""
    try:
        said = judge(exchange)
        messages = [said] if isinstance(said, str) else list(said or ())
    except Exception as error:
        raise OwnCheckError(f"your check {check.id!r} fails: {type(error).__name__}: {error}") from error
    for message in messages:
        if not isinstance(message, str):
            raise OwnCheckError(f"your check {check.id!r} says {message!r}; a violation is a sentence")
    return messages
