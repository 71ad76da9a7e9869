"""Runs every command that the reports of the seeded runs print, as it is printed, in another folder.

    .venv/bin/python -m tools.replay_lines [NAME ...]

Makes the runs of tests/support/seeded_runs.py (or those named), takes the commands that send a case or run an item
again from the terminal, index.html, junit.xml and verdict.md, and gives each to a shell. It must show the fault again;
a case must be FIXED on a healthy emulator. Prints a Markdown table; exits with 1 when a line did something else.
"""

import html
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from ampeco_conformance.core.errors import ExitCode
from tests.support.ended_run import Run
from tests.support.runs import environment
from tests.support.seeded_runs import RUNS, SeededRuns

_COMMAND = re.compile(
    r"^ *(?:Run again: )?((?:cd .+? && )?(?:\S+ -m )?(?:\S*conform\S* replay \w|\S*pytest \S.*?::).*)$", re.MULTILINE
)
_TAG = re.compile(r"<[^>]*>")
_FILES = ("index.html", "junit.xml", "verdict.md")


@dataclass(frozen=True)
class PrintedCommand:
    """A printed command, and where it is printed."""

    text: str
    places: tuple[str, ...]

    @property
    def is_replay(self) -> bool:
        """Whether it sends a case, instead of running an item."""
        return " replay " in self.text.partition("::")[0]


def lines_of(run: Run) -> list[PrintedCommand]:
    """The commands in the reports of a run, each once."""
    texts = {"terminal": run.said} | {
        name: html.unescape(_TAG.sub("\n", (run.reports / name).read_text(encoding="utf-8"))) for name in _FILES
    }
    found: dict[str, list[str]] = {}
    for place, text in texts.items():
        for command in dict.fromkeys(_COMMAND.findall(text)):
            found.setdefault(command, []).append(place)
    return [PrintedCommand(command, tuple(places)) for command, places in found.items()]


def outcome(command: str, folder: Path) -> tuple[int, str]:
    """The exit code of a command in a folder, and what it said last of the fault."""
    ended = subprocess.run(command, shell=True, cwd=folder, env=environment(), capture_output=True, text=True)
    said = re.findall(
        r"^(?:STILL|FIXED|CANNOT)|\d+ (?:failed|passed|xfailed|skipped|error)s?", ended.stdout, re.MULTILINE
    )
    return ended.returncode, ", ".join(said) or (ended.stdout + ended.stderr).strip().rpartition("\n")[2]


def heal(run: Run) -> None:
    """Take the defect out of the stored cases: they are sent to a healthy emulator then."""
    for file in (run.reports / "cases").glob("*.json"):
        case = orjson.loads(file.read_bytes())
        place = case["options"].index("--defect")
        del case["options"][place : place + 2]
        file.write_bytes(orjson.dumps(case))


def rows(name: str, run: Run, folder: Path) -> Iterator[tuple[str, bool]]:
    """A row for each command of a run, with whether it did what it must."""
    lines = lines_of(run)
    printed = [outcome(line.text, folder) for line in lines]
    heal(run)
    for line, (code, said) in zip(lines, printed, strict=True):
        right, fixed = code == ExitCode.VIOLATION and said in ("STILL", "1 failed"), "-"
        if line.is_replay:
            fixed_code, fixed = outcome(line.text, folder)
            right = right and (fixed_code, fixed) == (ExitCode.CONFORM, "FIXED")
        kind = "replay" if line.is_replay else "rerun"
        yield f"| {name} | {kind} | {', '.join(line.places)} | {code}: {said} | {fixed} |", right


def main(names: Sequence[str]) -> int:
    """Print the table."""
    print("| run | line | printed in | as printed | on a healthy emulator |\n| --- | --- | --- | --- | --- |")
    wrong = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (elsewhere := folder / "elsewhere").mkdir()
        runs = SeededRuns(folder)
        for name in names or RUNS:
            for row, right in rows(name, runs.get(name), elsewhere):
                print(row, flush=True)
                wrong += [] if right else [row]
    print(f"\n{len(wrong)} lines did something else", *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
