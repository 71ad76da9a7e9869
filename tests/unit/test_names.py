"""The names of the code: one name has one meaning, and a loop variable is the noun it stands for."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from ampeco_conformance.core.project import PROJECT

_FOLDERS = ("src", "contract_tests", "scenarios", "tools", "benchmarks", "tests/support")
_TESTS = ("tests/unit", "tests/integration", "tests/e2e")
_CLASS = re.compile(r"^ *class _*(\w+)", re.MULTILINE)
# A type that is given a name: not in capitals, as a constant is.
_ALIAS = re.compile(r"^_*([A-Z]\w*[a-z]\w*) = (.+)$", re.MULTILINE)
_LOOP_OVER_EACH = re.compile(r"\bfor (each) in\b")


def sources(*folders: str) -> dict[str, str]:
    files = [file for folder in folders for file in (PROJECT / folder).rglob("*.py")]
    return {str(file.relative_to(PROJECT)): file.read_text(encoding="utf-8") for file in sorted(files)}


def definitions(file: str, text: str) -> Iterator[tuple[str, str]]:
    """The classes of a file and the types that it gives a name, each with its meaning; no class has that of another."""
    yield from ((match[1], f"{file}:{match.start()}") for match in _CLASS.finditer(text))
    yield from ((match[1], match[2]) for match in _ALIAS.finditer(text))


def with_two_meanings(files: Mapping[str, str]) -> dict[str, list[str]]:
    """The names that are defined as several things, and where."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for file, text in files.items():
        for name, meaning in definitions(file, text):
            found[name].setdefault(meaning, file)
    return {name: [*places.values()] for name, places in found.items() if len(places) > 1}


def test_no_name_of_a_type_has_two_meanings() -> None:
    assert with_two_meanings(sources(*_FOLDERS)) == {}


def test_loop_variables_are_nouns() -> None:
    files = sources(*_FOLDERS, *_TESTS)
    this = str(__file__).removeprefix(f"{PROJECT}/")
    assert [file for file, text in files.items() if _LOOP_OVER_EACH.search(text) and file != this] == []


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ("class Row:\n", "class _Row:\n", ["Row"]),
        ("class Row:\n", "Row = tuple[int]\n", ["Row"]),
        ("Json = Any\n", "Json = Any\n", []),
        ("Json = Any\n", "Json = object\n", ["Json"]),
        ("ROW = 1\n", "ROW = 2\n", []),
    ],
)
def test_a_second_meaning_is_found(first: str, second: str, names: list[str]) -> None:
    assert [*with_two_meanings({"a.py": first, "b.py": second})] == names
