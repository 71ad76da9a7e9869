"""Which addresses lead to this machine: only for these may a one-off target be tested with safety full."""

import pytest

from ampeco_conformance.core.urls import is_loopback


@pytest.mark.parametrize(
    ("base_url", "is_this_machine"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:8080/prefix", True),
        ("http://localhost:8080", True),
        ("http://192.168.0.7", False),
        ("http://10.0.0.1:8080", False),
        ("https://localhost.example.com", False),
        ("https://127.0.0.1.example.com", False),
        ("", False),
    ],
)
def test_only_loopback_addresses_are_this_machine(base_url: str, is_this_machine: bool) -> None:
    assert is_loopback(base_url) is is_this_machine
