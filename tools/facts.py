"""Writes docs/reference/facts.md from the register of facts, the files of facts/: `python -m tools.facts`."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ampeco_conformance.checks.registry import CHECKS

PROJECT = Path(__file__).resolve().parents[1]
FACTS = PROJECT / "facts"
#: What the specification alone says, without a fact: checks and scenarios, with their ground.
WITHOUT_FACT = FACTS / "specification-alone.yaml"
PAGE = PROJECT / "docs" / "reference" / "facts.md"

#: Why nothing can show a fact, on either side.
SETTLED = ("not observable over HTTP", "needs hardware", "oddity of one client", "in no specification")
#: What is to do, each followed by what is missing.
OPEN = {"judged": ("not judged yet",), "held": ("not modelled yet", "not tested yet")}
#: Where tests of the emulator are: its own, and those that every run of `.ci/run` plays on it.
_PLACES = ("tests/", "scenarios/", "contract_tests/")
_KEYS = {"id", "fact", "source", "judged", "held"}
_TITLES = {"resource", "source", "facts"}

_HEAD = """# Register of facts

Made by `python -m tools.facts` from the files of `facts/`; a test keeps it current.

What the vendors document about the behaviour of their APIs, in our own words, with the source of each group. A fact is
*judged* when the named checks and scenarios ([catalogue](catalogue.md)) report a target that breaks it, and *held* when
the named tests show that the emulator keeps it: tests of its own, or scenarios and contract tests, which `.ci/run`
plays on it. Otherwise the reason is given. What is judged by half counts as not judged, and the reason says what is
missing.
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact; `judged` and `held` are names, or the reason why there are none."""

    id: str
    fact: str
    source: str
    judged: tuple[str, ...] | str
    held: tuple[str, ...] | str

    @property
    def sides(self) -> Mapping[str, tuple[str, ...] | str]:
        """Who judges the fact, and who holds it."""
        return {"judged": self.judged, "held": self.held}


@dataclass(frozen=True, slots=True)
class Group:
    """The facts of a resource or a subject, which are one file."""

    name: str
    title: str
    source: str
    facts: tuple[Fact, ...]


@cache
def groups() -> tuple[Group, ...]:
    """All facts. Raises ValueError for a file that has another form."""
    return tuple(_group(file) for file in sorted(FACTS.glob("*.yaml")) if file != WITHOUT_FACT)


def _group(file: Path) -> Group:
    content = _load(file)
    if content.keys() != _TITLES:
        raise ValueError(f"{file.name}: expected the keys {', '.join(sorted(_TITLES))}")
    return Group(
        file.stem,
        content["resource"],
        content["source"],
        tuple(_fact(file, entry, content["source"]) for entry in content["facts"]),
    )


def _fact(file: Path, entry: Mapping[str, Any], source: str) -> Fact:
    name = f"{file.name}, {entry.get('id', 'a fact without id')}"
    if not _KEYS - {"source"} <= entry.keys() <= _KEYS:
        raise ValueError(f"{name}: expected the keys id, fact, judged and held, and no others but source")
    return Fact(entry["id"], entry["fact"], entry.get("source", source), _side(entry["judged"]), _side(entry["held"]))


def _side(value: str | list[str]) -> tuple[str, ...] | str:
    return value if isinstance(value, str) else tuple(value)


def _load(file: Path) -> dict[str, Any]:
    content = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    if not isinstance(content, dict):
        raise ValueError(f"{file.name}: expected a mapping")
    return content


@cache
def without_fact() -> Mapping[str, str]:
    """Checks and scenarios that no fact names, with the ground that the specification or a standard gives them."""
    return _load(WITHOUT_FACT)


@cache
def scenarios() -> Mapping[str, str]:
    """The scenarios by their function, with their files."""
    return {
        test: str(file.relative_to(PROJECT / "scenarios"))
        for file in sorted((PROJECT / "scenarios").rglob("test_*.py"))
        for test in _tests(file)
    }


def problems() -> Iterator[str]:
    """What is wrong with the register, one line each."""
    facts = [fact for group in groups() for fact in group.facts]
    ids = [fact.id for fact in facts]
    yield from (f"{id}: the id is used twice" for id in sorted({id for id in ids if ids.count(id) > 1}))
    judges = {*CHECKS, *scenarios()}
    for fact in facts:
        if not fact.fact.endswith("."):
            yield f"{fact.id}: the fact is not a sentence"
        for side, value in fact.sides.items():
            if isinstance(value, str):
                if not _is_reason(side, value):
                    yield f"{fact.id}: {value!r} is no reason why it is not {side}; those are in tools/facts.py"
            elif not value:
                yield f"{fact.id}: no name and no reason under {side}"
            else:
                known = (name in judges if side == "judged" else _is_test(name) for name in value)
                for name, is_known in zip(value, known, strict=True):
                    if not is_known:
                        yield f"{fact.id}: {name} under {side} does not exist"
    named = {name for fact in facts if not isinstance(fact.judged, str) for name in fact.judged}
    for name in sorted(judges - named - without_fact().keys()):
        yield f"{name} is named by no fact; name it in a file of facts/, or with its ground in {WITHOUT_FACT.name}"
    for name in sorted(without_fact().keys() & named):
        yield f"{name} is in {WITHOUT_FACT.name}, and named by a fact as well"
    for name in sorted(without_fact().keys() - judges):
        yield f"{name} in {WITHOUT_FACT.name} does not exist"


def _is_reason(side: str, text: str) -> bool:
    kind, _, missing = text.partition(": ")
    return text in SETTLED or (kind in OPEN[side] and bool(missing))


def _is_test(node: str) -> bool:
    """Whether a test exists, named as pytest does without parameters."""
    file, _, name = node.partition("::")
    path = PROJECT / file
    return file.startswith(_PLACES) and path.is_file() and name in _tests(path)


@cache
def _tests(file: Path) -> tuple[str, ...]:
    nodes = ast.parse(file.read_text(encoding="utf-8")).body
    return tuple(node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def page() -> str:
    """The whole page."""
    lines = [_HEAD, *_counts(), ""]
    for group in groups():
        lines += [f"## {group.title}", "", f"Source: {group.source}.", "", *_table(group), ""]
    lines += ["## From the specification alone", "", "Checks and scenarios that no fact names.", ""]
    lines += ["| check or scenario | ground |", "| --- | --- |"]
    lines += [f"| {_linked(name)} | {ground} |" for name, ground in sorted(without_fact().items())]
    return "\n".join(lines) + "\n"


def _counts() -> Iterator[str]:
    yield "| group | facts | judged | not judged yet | cannot be judged | held | not modelled yet | not tested yet |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    total = tuple(fact for group in groups() for fact in group.facts)
    for name, facts in (*((group.title, group.facts) for group in groups()), ("**all**", total)):
        yield f"| {name} | {' | '.join(map(str, counted(facts)))} |"


def counted(facts: Sequence[Fact]) -> tuple[int, ...]:
    """How many facts there are, and in each state, in the order of the table."""
    judged, held = ([fact.sides[side] for fact in facts] for side in ("judged", "held"))

    def starting(values: list[tuple[str, ...] | str], *kinds: str) -> int:
        return sum(isinstance(value, str) and value.startswith(kinds) for value in values)

    return (
        len(facts),
        sum(isinstance(value, tuple) for value in judged),
        starting(judged, *OPEN["judged"]),
        starting(judged, *SETTLED),
        sum(isinstance(value, tuple) for value in held),
        *(starting(held, kind) for kind in OPEN["held"]),
    )


def _table(group: Group) -> Iterator[str]:
    yield from ("| id | fact | judged by | held by |", "| --- | --- | --- | --- |")
    for fact in group.facts:
        text = fact.fact if fact.source == group.source else f"{fact.fact} ({fact.source})"
        judged = fact.judged if isinstance(fact.judged, str) else ", ".join(map(_linked, fact.judged))
        held = fact.held if isinstance(fact.held, str) else ", ".join(map(_test, fact.held))
        yield f"| `{fact.id}` | {text} | {judged} | {held} |"


def _linked(name: str) -> str:
    return f"[{name}](catalogue.md#{name})"


def _test(node: str) -> str:
    file, _, name = node.partition("::")
    return f"[{name}](../../{file})"


if __name__ == "__main__":
    for problem in problems():
        print(problem)
    PAGE.write_text(page(), encoding="utf-8")
