"""Waiting for what a story needs: a state that does not come is a broken rule, proven by the last answer."""

from collections.abc import Callable
from typing import Any

from ampeco_conformance.polling import Observation, WaitingFailed, wait_until
from scenarios.vocabulary.api import Answer


def wait_for_answer(
    rule: str, awaited: str, look: Callable[[], Answer], is_reached: Callable[[Answer], bool], **how: Any
) -> list[Observation[Answer]]:
    """As `wait_until` (which `how` is passed to). Raises ContractViolation with everything that was seen."""
    answers: list[Answer] = []

    def look_and_keep() -> Answer:
        answers.append(look())
        return answers[-1]

    try:
        return wait_until(awaited, look_and_keep, is_reached, **how)
    except WaitingFailed as failure:
        answers[-1].violates(rule, str(failure), expected=awaited)
