"""The steps of the GitHub Action run as they stand; its callers and the commands of the image fit what is declared."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from ampeco_emulator.__main__ import command
from tests.support.documented_commands import arguments, check, in_page
from tests.support.installed_package import PROJECT, InstalledPackage

ACTION: dict[str, Any] = yaml.safe_load((PROJECT / "action.yml").read_text())
DOCKERFILE = (PROJECT / "ci/Dockerfile").read_text()
GUIDE = PROJECT / "docs/guide/ci.md"
#: Called in place of programs that reach the network: it writes down what it was called with.
RECORDER = '#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done > "$RUNNER_TEMP/$(basename "$0").txt"\n'


@dataclass
class Runner:
    """Runs the shell steps of the action like GitHub's runner, in a repository of its own."""

    folder: Path
    package: InstalledPackage
    inputs: dict[str, str]

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run the step of this name."""
        (step,) = (step for step in ACTION["runs"]["steps"] if step.get("name") == name)
        assert step["shell"] == "bash"
        given = {variable: self._filled(value) for variable, value in step.get("env", {}).items()}
        # GitHub: bash --noprofile --norc -eo pipefail {0}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.folder / "repository",
            env=self.package.environment() | self._environment() | given,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    @property
    def outputs(self) -> dict[str, str]:
        """What the steps have put out."""
        lines = (self.folder / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def called_with(self, program: str) -> list[str]:
        """The words with which a program was called last."""
        return (self.folder / f"{program}.txt").read_text().splitlines()

    def prepare(self) -> None:
        """Make the folders, and the programs that the steps call."""
        programs = self.folder / "bin"
        for folder in (programs, self.folder / "repository"):
            folder.mkdir()
        texts = {
            **dict.fromkeys(("pip", "gh"), RECORDER),
            "conform": '#!/bin/sh\nexec {} "$@"\n'.format(" ".join(self.package.command("conform"))),
        }
        for name, text in texts.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)

    def _environment(self) -> dict[str, str]:
        paths = f"{self.folder / 'bin'}:{self.package.environment()['PATH']}"
        files = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary.md", "RUNNER_TEMP": ""}
        return {
            "PATH": paths,
            "GITHUB_RUN_ID": "4711",
            "GITHUB_ACTION_PATH": str(PROJECT),
            **{name: str(self.folder / file) for name, file in files.items()},
        }

    def _filled(self, value: str) -> str:
        """An expression with the inputs, the outputs of the steps before, and what GitHub knows."""
        known = {f"inputs.{name}": declared["default"] for name, declared in ACTION["inputs"].items()}
        known |= {f"inputs.{name}": given for name, given in self.inputs.items()}
        known |= {"github.token": "", "github.event.pull_request.number": "12", "steps.run.outputs.exit-code": ""}
        if (self.folder / "output").exists():
            known |= {f"steps.run.outputs.{name}": given for name, given in self.outputs.items()}
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda match: known[match[1]], value)


def test_the_steps_of_the_action_report_what_the_run_found(package: InstalledPackage, tmp_path: Path) -> None:
    arguments_of_run = "--api spirii --defect list-as-object --operation *charge-records --no-html"
    runner = Runner(tmp_path, package, {"profile": "smoke", "arguments": arguments_of_run})
    runner.prepare()
    assert runner.run("Install").returncode == 0
    assert runner.called_with("pip")[-1] == str(PROJECT)
    run = runner.run("Run")
    assert run.returncode == 0, run.stderr
    assert runner.outputs == {"exit-code": "1"}
    assert "::error file=specs/spirii/v1.yaml,line=" in run.stdout
    assert "VIOLATED" in (tmp_path / "summary.md").read_text()
    assert list((tmp_path / "repository/conform-history").iterdir())
    comment = runner.run("Comment")
    assert comment.returncode == 0, comment.stderr
    words = runner.called_with("gh")
    assert words[:3] == ["pr", "comment", "12"]
    assert Path(words[-1]).read_text().startswith("#")
    assert runner.run("Verdict").returncode == 1


def test_a_wrong_input_of_the_action_fails_its_last_step(package: InstalledPackage, tmp_path: Path) -> None:
    runner = Runner(tmp_path, package, {"profile": "no-such-profile"})
    runner.prepare()
    assert runner.run("Verdict").returncode == 3, "a run that did not start is not a success"
    assert runner.run("Run").returncode == 0
    assert runner.run("Verdict").returncode == 2


def test_who_uses_the_action_gives_it_inputs_that_it_has() -> None:
    workflow = yaml.safe_load((PROJECT / "ci/github/action.yml").read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"] if "OWNER" in step.get("uses", "")]
    assert len(steps) == 2
    for step in steps:
        assert step["with"].keys() <= ACTION["inputs"].keys()
    documented = re.findall(r"^\| `([\w-]+)` \| .* \| ?(.*?) ?\|$", GUIDE.read_text(), re.MULTILINE)
    shown = {name: default.strip("`") for name, default in documented if name in ACTION["inputs"]}
    assert shown.keys() == ACTION["inputs"].keys()
    for name, default in shown.items():
        assert ACTION["inputs"][name]["default"] in (default, ""), name


def image_commands() -> Iterator[list[str]]:
    """The calls of Docker in the guide and in the Dockerfile itself."""
    lines = [*in_page(GUIDE), *(line.lstrip("# ") for line in DOCKERFILE.splitlines())]
    return (arguments(line.replace("$PWD", "/mine")) for line in lines if line.startswith("docker "))


@pytest.mark.parametrize("words", [*image_commands()], ids=" ".join)
def test_a_command_of_the_image_fits_the_dockerfile(words: list[str]) -> None:
    scripts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["scripts"]
    if words[1] == "build":
        assert words[-1] == "."
        assert (PROJECT / words[words.index("--file") + 1]).is_file()
        return
    options, rest = words[: words.index("conform")], words[words.index("conform") + 1 :]
    values = dict(pairwise(options))
    if "--volume" in values:
        assert f"WORKDIR {values['--volume'].partition(':')[2]}\n" in DOCKERFILE
    assert 'ENTRYPOINT ["conform"]\nCMD ["run"]' in DOCKERFILE
    if "--entrypoint" not in values:
        check(rest or ["run"])
        return
    assert values["--entrypoint"] in scripts
    port = command.make_context("ampeco-emulator", rest).params["port"]
    assert values["--publish"] == f"{port}:{port}"
