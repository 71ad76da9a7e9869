"""Texts of others in a terminal and in Markdown: they say what they say, and nothing obeys them."""

import os
import re

import pytest

from ampeco_conformance.contract.responses import NOT_A_SERVER_ERROR
from ampeco_conformance.core.markdown import code, plain, table
from ampeco_conformance.core.output import lasting_stream
from ampeco_conformance.core.visible_text import one_line

ODD = [
    "a\tb",
    "a\nb",
    "a\r\nb",
    "\x00",
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m",
    "a\u2028b\x85c",
    "\u202eabc\u2066",
    "::error::x",
]


@pytest.mark.parametrize("text", ODD)
def test_a_text_in_one_line_says_what_it_has(text: str) -> None:
    shown = one_line(text)
    assert shown.isprintable()
    assert re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), shown) == text


@pytest.mark.parametrize("text", ["plain", "größe 😀", "नमस्ते", "مرحبا", "👩\u200d🔧", r"C:\users", ""])
def test_a_text_that_nothing_obeys_stays(text: str) -> None:
    assert one_line(text) == text


def test_the_message_of_a_violation_is_one_line() -> None:
    assert (
        NOT_A_SERVER_ERROR.violation("the field /a\nb\x1b[1A is odd").message == r"the field /a\u000ab\u001b[1A is odd"
    )


def test_who_reads_a_stream_sees_colours_and_lines_and_no_other_command() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as pipe:
        stream = lasting_stream(pipe, is_read=True)
        assert stream.write("\x1b[1;31mred\x1b[0m\tand\n\x1b[1A\x1b[2K\u202egnp\r") == 32
        stream.flush()
    with os.fdopen(reading, encoding="utf-8", newline="") as pipe:
        assert pipe.read() == "\x1b[1;31mred\x1b[0m\tand\n\\u001b[1A\\u001b[2K\\u202egnp\\u000d"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", "`a|b`"),
        ("a`b", "``a`b``"),
        ("``", "``` `` ```"),
        ("a\nb", r"`a\u000ab`"),
    ],
)
def test_code_holds_any_text(text: str, shown: str) -> None:
    assert code(text) == shown


def test_a_table_keeps_its_columns() -> None:
    assert table(["a", "b"], [[code("x|y"), 1]]) == ["| a | b |", "| --- | --- |", r"| `x\|y` | 1 |"]


def test_plain_text_is_no_markdown() -> None:
    assert plain("[a](http://x) <b>\n*c*\x1b[1m") == r"\[a\](http://x) \<b\> \*c\*" + r"\\u001b\[1m"
