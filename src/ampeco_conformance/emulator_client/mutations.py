"""Random mutations of the emulator's responses: those drawn, and how many responses the present one changed."""

import re
import subprocess
import sys
from dataclasses import dataclass

import httpx

from ampeco_conformance.core.errors import TargetError

KIND = "mutate"
_NAME = re.compile(r"[a-z][a-z-]+")
#: Endings of names, the longer ones first, and those of the singular.
_ENDINGS = {"series": "series", "status": "status", "ies": "y", "xes": "x", "ss": "ss", "s": ""}


@dataclass(frozen=True, slots=True)
class DrawnMutation:
    """A change of one field in every successful response of an operation; `name` is what the emulator knows it by."""

    name: str
    operator: str
    operation: str
    place: str
    keeps_schema: bool

    @property
    def resource(self) -> str:
        """The resource of the operation, as its path names it."""
        return resource_in(self.operation.partition(" ")[2])


def resource_in(path: str) -> str:
    """The resource that a path names, in the singular: the last one of `/resources/...`, the first one of an action."""
    names = [part for part in path.split("/")[2:] if _NAME.fullmatch(part)]
    name = names[1] if names[0] == "actions" else names[-1]
    ending = next((ending for ending in _ENDINGS if name.endswith(ending)), "")
    return name.removesuffix(ending) + _ENDINGS.get(ending, "")


def drawn_mutations(api: str, api_version: str, number: int, seed: int) -> list[DrawnMutation]:
    """So many that leave the schema, and as many that keep it. Raises TargetError when the emulator lists none."""
    command = [sys.executable, "-m", "ampeco_emulator", "--api", api, "--api-version", api_version]
    command += ["--list-mutations", str(number), "--mutation-seed", str(seed)]
    listing = subprocess.run(command, capture_output=True, text=True, check=False)
    if listing.returncode != 0 or not listing.stdout:
        raise TargetError(f"the emulator does not list mutations: {listing.stderr.strip() or listing.returncode}")
    rows = [line.split("\t") for line in listing.stdout.splitlines()]
    return [DrawnMutation(name, operator, label, place, kept == "keeps") for kept, operator, label, place, name in rows]


def mutated_operation(defect: str) -> str | None:
    """The label of the operation that a defect mutates; None for other defects."""
    kind, _, rest = defect.partition(":")
    return rest.partition(":")[2].rpartition(":")[0] if kind == KIND else None


def changed_responses(base_url: str) -> int:
    """How many responses of an emulator its mutation has changed; 0 without a mutation."""
    present = httpx.get(f"{base_url}/_emulator/defects", trust_env=False).json()
    return int(present["changed"] or 0)
