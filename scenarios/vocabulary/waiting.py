"""Waits for a state; one that does not come is a violation, proven by the last response."""

from collections.abc import Callable, Mapping
from typing import Any

from ampeco_conformance.emulator_client.polling import Observation, WaitingFailed, wait_until
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse


def wait_for_answer(
    rule: str,
    awaited: str,
    look: Callable[[], ScenarioResponse],
    is_reached: Callable[[ScenarioResponse], bool],
    **how: Any,
) -> list[Observation[ScenarioResponse]]:
    """As `wait_until` (which `how` is passed to). Raises ContractViolation with everything that was seen."""
    answers: list[ScenarioResponse] = []

    def look_and_keep() -> ScenarioResponse:
        answers.append(look())
        return answers[-1]

    try:
        return wait_until(awaited, look_and_keep, is_reached, **how)
    except WaitingFailed as failure:
        answers[-1].violates(rule, str(failure), expected=awaited)


def wait_for_entries(
    rule: str,
    awaited: str,
    listing: tuple[ScenarioApi, str, Mapping[str, Any]],
    is_awaited: Callable[[dict[str, Any]], bool],
    **how: Any,
) -> list[dict[str, Any]]:
    """The entries of a listing (its path and filter) that were awaited, as soon as there are some; else as above."""
    api, path, filter = listing
    pages: list[ScenarioResponse] = []

    def look() -> list[dict[str, Any]]:
        pages[:] = api.pages(path, filter=filter)
        return [entry for page in pages for entry in page.items if is_awaited(entry)]

    def describe(found: list[dict[str, Any]]) -> str:
        return f"{len(found)} such entries"

    try:
        found: list[dict[str, Any]] = wait_until(awaited, look, bool, describe=describe, **how)[-1].state
    except WaitingFailed as failure:
        pages[-1].violates(rule, str(failure), expected=awaited)
    return found
