"""The page of rules says what the table says, and no rule of the peer is forgotten."""

import yaml

from ampeco_conformance.compatibility.rules import RULES
from tools.comparison_rules import PAGE, PEERS, page


def test_the_page_of_rules_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tools.comparison_rules"


def test_every_rule_of_the_peer_has_ours_or_a_reason() -> None:
    peers = yaml.safe_load(PEERS.read_text(encoding="utf-8"))
    assert len(peers["rules"]) == 509
    assert {ours for ours in peers["rules"].values() if ours not in RULES} == set(peers["reasons"])
