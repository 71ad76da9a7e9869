"""What the target lacked for more to be tested, ranked by what it would yield: `one voucher: 7 more operations`."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.item_results import ItemResult

_SHOWN = 10
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ID = re.compile(r"Id$|_id$")
#: What a reason of a skip or of a missing success asks for, by its form; `\1` is a part of the reason.
_NEEDS = (
    (re.compile(r"the target has no free public EVSE"), "an online charge point with a free EVSE in `test_equipment`"),
    (re.compile(r"the target cannot reach this machine"), "an address under `webhook_callback`"),
    (re.compile(r"the driver has no payment method"), "a payment method of the user in `test_equipment`"),
    (re.compile(r"the token needs an operator"), "one sub-operator"),
    (re.compile(r".*; raise `patience` of the tenant$"), "a longer `patience` of the tenant"),
    (re.compile(r"the session has no tax here;"), "a tax of the tariff of a public EVSE"),
    (re.compile(r"the target has nothing under \S*?/([\w-]+)/v[\d.]+,"), r"something under \1"),
    (re.compile(r"the target has no ([\w ]+?)(?: to compare)?(?:[;,.]|$)"), r"what the target has none of: \1"),
)
_NO_IDS = re.compile(r"no ids known for (?:.*, )?(\w+)")


def preparations(unreached: Mapping[str, str], results: Iterable[ItemResult]) -> Iterator[str]:
    """One line for each thing that would let more be tested, the most first.

    `unreached` are operations without a success, with the reason.
    """
    operations = Counter(need for reason in unreached.values() if (need := _need(reason)) is not None)
    scenarios = Counter(
        need
        for result in results
        if result.layer == "scenario"
        and result.status == "skipped"
        and (need := _need(result.reason or "")) is not None
    )
    for need, _ in (operations + scenarios).most_common(_SHOWN):
        yields = [counted(operations[need], "more operation")] if operations[need] else []
        yields += [counted(scenarios[need], "scenario")] if scenarios[need] else []
        yield f"to prepare: {need}: {', '.join(yields)}"


def _need(reason: str) -> str | None:
    """What would have prevented a reason; None where nothing on the target would."""
    if (found := _NO_IDS.match(reason)) is not None:
        # Ids lead from the first parameter to the last, which is where the search ended.
        return f"one {_WORDS.sub(' ', _ID.sub('', found[1])).lower()}"
    matches = ((pattern.match(reason), words) for pattern, words in _NEEDS)
    return next((match.expand(words) for match, words in matches if match is not None), None)
