"""Seeds known faults, one at a time, and shows that the tests find them: run by hand before a large change is merged.

    .venv/bin/python tools/seeded_faults.py            every fault, about a quarter of an hour
    .venv/bin/python tools/seeded_faults.py http cli   the faults of these packages
    .venv/bin/python tools/seeded_faults.py --check    only whether each fault still fits the code

A fault replaces a piece of text that occurs once in its file, in a temporary copy of the project. Its tests must pass
without the fault and fail with it. Exit code 1 when a fault is not found or no longer fits.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SUITE, EMULATOR = "src/ampeco_conformance", "src/ampeco_emulator"


@dataclass(frozen=True)
class Fault:
    """A wrong text in place of a right one in a file below the source folder, and the tests that must fail with it."""

    file: str
    right: str
    wrong: str
    tests: str

    @property
    def package(self) -> str:
        """The package: `http`, or `emulator/crud` for one of the emulator's."""
        folder, _, rest = self.file.removeprefix("src/").partition("/")
        return ("emulator/" if folder == "ampeco_emulator" else "") + rest.partition("/")[0]

    def fits(self, project: Path) -> bool:
        """Whether the right text occurs exactly once."""
        file = project / self.file
        return file.is_file() and file.read_text(encoding="utf-8").count(self.right) == 1


def _faults(folder: str, tests: str, *rows: tuple[str, str, str]) -> list[Fault]:
    """The faults of a folder that the same tests must find: file, right and wrong text."""
    return [Fault(f"{folder}/{file}", right, wrong, tests) for file, right, wrong in rows]


FAULTS = [
    *_faults(
        f"{SUITE}/core",
        "tests/unit/reporting/test_redaction.py tests/unit/core tests/unit/target",
        ("redaction.py", r"|sharing[-_]?code|iban|", r"|sharing[-_]?code|"),
        ("redaction.py", 'is_hidden = match["value"] and', 'is_hidden = not match["value"] and'),
        ("urls.py", "is_loopback\n    except", "is_private\n    except"),
    ),
    *_faults(
        f"{SUITE}/specs",
        "tests/unit/specs/test_overlays.py tests/unit/specs/test_loading.py",
        ("overlays.py", "target.append(update)", "target.insert(0, update)"),
        ("overlays.py", "present.extend(value)", "target[key] = value"),
        ("overlays.py", "for node in reversed(nodes):", "for node in nodes[:1]:"),
    ),
    *_faults(
        f"{SUITE}/contract",
        "tests/unit/contract",
        ("json_body.py", "if len(found) < len(pairs):", "if len(found) > len(pairs):"),
        ("requests.py", 'definition.get("required") and location == "query"', 'location == "path"'),
        ("requests.py", "if field not in schema.get", "if field in schema.get"),
    ),
    *_faults(
        f"{SUITE}/target",
        "tests/unit/target",
        ("../apis/ampeco/effects.py", '"*/actions/*balance*", ', ""),
        ("safety.py", "if operation.path not in self._removable:", "if operation.path in self._removable:"),
        ("../apis/ampeco/effects.py", ', "*/actions/*refund*"', ""),
        ("configuration.py", "level = level or Safety.READ_ONLY", "level = level or Safety.OWN_DATA"),
    ),
    *_faults(
        f"{SUITE}/apis",
        "tests/unit/apis tests/unit/contract/test_resource_map.py tests/unit/target/test_configuration.py",
        ("ampeco/resources.py", '"operator": "subOperator"', '"operator": "operators"'),
        ("ampeco/resources.py", '/evses", "networkId")', '/evses", "id")'),
    ),
    *_faults(
        f"{SUITE}/apis",
        "tests/e2e/cli/test_run.py -k small_run",
        ("ampeco/__init__.py", 'default_version="3.90.0"', 'default_version="3.66.0"'),
    ),
    *_faults(
        f"{SUITE}/http",
        "tests/integration/http/test_client.py tests/unit/target/test_safety.py",
        ("client.py", 'if authenticated and "authorization"', 'if not authenticated and "authorization"'),
        ("client.py", 'raise ConfigurationError(f"{path} is not below', 'print(f"{path} is not below'),
        (
            "client.py",
            "if until is not None:\n                self._rate",
            "if until is None:\n                self._rate",
        ),
    ),
    *_faults(
        f"{SUITE}/checks",
        "tests/unit/checks",
        ("pagination.py", '("prev", number > 1)', '("prev", number > 2)'),
        ("filters.py", "if complete and lost:", "if not complete and lost:"),
        ("includes.py", "if extra == asked or", "if asked or"),
    ),
    *_faults(
        f"{SUITE}/generate",
        "tests/unit/generate tests/integration/http/test_ids.py",
        ("texts.py", "[:room].rstrip()", ".rstrip()"),
        ("ids.py", 'yield str(value) if kind == "string" else int(value)', "yield value"),
        ("ids.py", 'if operation.method == "DELETE":', 'if operation.method == "PUT":'),
    ),
    *_faults(
        f"{SUITE}/probe",
        "tests/integration/http/test_detection.py tests/integration/http/test_probe.py",
        ("version_detection.py", "if version_key(version) <= number]", "if version_key(version) >= number]"),
        ("version_detection.py", "if number > version_key(known[-1]):", "if number < version_key(known[0]):"),
        ("version_detection.py", "Confidence.HIGH if len(versions) == 1 and", "Confidence.HIGH if versions and"),
    ),
    *_faults(
        f"{SUITE}/emulator_client",
        "tests/integration/scenarios/test_polling.py tests/integration/scenarios/test_clock.py",
        ("polling.py", "deadline = min(deadline, clock.patience)", "deadline = max(deadline, 1.0)"),
        ("polling.py", "if has_failed(latest.state):", "if False:"),
        ("polling.py", "if runs and runs[-1][0] == said:", "if not runs and said:"),
    ),
    *_faults(
        f"{SUITE}/triage",
        "tests/integration/triage/test_known_issues.py tests/integration/triage/test_reproduce.py"
        " tests/integration/triage/test_strictness.py",
        ("known_issues.py", "fingerprint == self.fingerprint\n            and", "fingerprint\n            and"),
        ("reproduce.py", "is Repetition.SAME and attempt == 0", "is Repetition.SAME and attempt != 0"),
        ("rule_file.py", "version_key(version) <= version_key(last)", "version_key(version) < version_key(last)"),
    ),
    *_faults(
        f"{SUITE}/compatibility",
        "tests/unit/compatibility/test_pairs.py tests/unit/compatibility/test_impact.py"
        " tests/integration/compatibility",
        ("impact.py", "if change.severity is ChangeSeverity.SAFE:", "if change.severity is ChangeSeverity.BREAKING:"),
        ("upgrade.py", "answer is Confirmation.REFUTED}", "answer is Confirmation.OPEN}"),
        ("impact.py", "return min((_of(change", "return max((_of(change"),
    ),
    *_faults(
        f"{SUITE}/drift",
        "tests/integration/triage/test_drift.py",
        ("log.py", "if key in self._seen:", "if not self._seen:"),
        ("log.py", "if strictness is not Strictness.OFF:", "if strictness is Strictness.STRICT:"),
        ("inventory.py", "(low, middle) if _documents(", "(low, middle) if not _documents("),
    ),
    *_faults(
        f"{SUITE}/replay",
        "tests/integration/triage/test_replay.py",
        ("replay.py", "if not reads and not is_emulator:", "if reads and not is_emulator:"),
        ("replay.py", "shows = status == case.status", "shows = status != case.status"),
        ("replay.py", "if case.sent.masked or any", "if any"),
    ),
    *_faults(
        f"{SUITE}/recording",
        "tests/integration/triage",
        ("judge.py", "if strictness is Strictness.OFF:", "if strictness is Strictness.STRICT:"),
        ("judge.py", "if key not in self._reproduced:", "if True:"),
    ),
    *_faults(
        f"{SUITE}/recording",
        "tests/e2e/suite/test_triage.py -k known_issue",
        ("judge.py", "standing=Standing.KNOWN", "standing=Standing.DRIFT"),
    ),
    *_faults(
        f"{SUITE}/exercise",
        "tests/e2e/suite/test_defects.py",
        ("collection.py", "self._is_whole = walked.is_complete", "self._is_whole = not walked.is_complete"),
        ("collection.py", "found = {str(listed", "found = {} if self._seen else {str(listed"),
        ("happy_path.py", "_IDS_TRIED = 12", "_IDS_TRIED = 0"),
    ),
    *_faults(
        f"{SUITE}/exercise",
        "tests/integration/exercise/test_judging_requests.py",
        ("happy_path.py", "200 <= exchange.response.status_code < 300 and", "exchange.response.status_code < 500 and"),
        ("collection.py", "if checked:", "if not checked:"),
    ),
    *_faults(
        f"{SUITE}/reporting",
        "tests/unit/reporting tests/integration/reporting/test_verdict.py tests/integration/reporting/test_junit.py",
        ("decision.py", "{ExitCode.VIOLATION: NO_GO,", "{ExitCode.VIOLATION: PARTIAL,"),
        ("decision.py", "MOST_LOST_PERCENT = 5", "MOST_LOST_PERCENT = 95"),
        ("collapse.py", "if len(found) <= _MOST_RESULTS and not left_out:", "if len(found) >= _MOST_RESULTS:"),
    ),
    *_faults(
        f"{SUITE}/plugin",
        "tests/e2e/suite/test_shards.py tests/e2e/suite/test_runs.py -k 'shards or event or identity'",
        ("sharding.py", "own = selected[shard - 1 :: shards]", "own = selected[shard - 1 :: shards + 1]"),
        ("events.py", 'if node.gateway.id == "gw0":', 'if node.gateway.id == "gw9":'),
        ("selection.py", 'v{target.api_version}@{target.name}"]', '{target.name}"]'),
    ),
    *_faults(
        f"{SUITE}/cli",
        "tests/e2e/cli/test_main.py tests/e2e/cli/test_run.py tests/e2e/cli/test_pytest_process.py",
        ("main.py", '_fail("interrupted", ExitCode.INTERRUPTED)', '_fail("interrupted", ExitCode.ENVIRONMENT)'),
        ("run_session.py", "if getattr(options, option) and target.base_url is not None:", "if target is None:"),
        ("pytest_process.py", "interrupted = True", "interrupted = False"),
    ),
    *_faults(
        f"{EMULATOR}/http",
        "tests/integration/emulator/test_protocol.py tests/integration/emulator/test_control.py",
        ("request_quota.py", "if used <= limit:", "if used <= limit + 1:"),
        (
            "scopes.py",
            "in (None, limit) for kind, limit in limits_of(access).items())\n\n\ndef may_send",
            "is None for kind, limit in limits_of(access).items())\n\n\ndef may_send",
        ),
        ("error_bodies.py", 'return {"message": message} | (', 'return {"error": message} | ('),
    ),
    *_faults(
        f"{EMULATOR}/openapi",
        "tests/integration/emulator/test_protocol.py tests/integration/emulator/test_behaviour.py",
        ("validation.py", 'path.append(str(error.kind.as_dict()["property"]))', "pass"),
        ("validation.py", 'body is not valid JSON.", "syntax")]', 'body is not valid JSON.", "syntax")][:0]'),
        ("validation.py", 'if "json" not in content_type:', 'if "json" in content_type:'),
    ),
    *_faults(
        f"{EMULATOR}/crud",
        "tests/integration/emulator/test_behaviour.py tests/integration/emulator/test_protocol.py"
        " tests/integration/emulator/test_life_cycles.py",
        ("filters.py", "filter(predicate, kept), predicates,", "filter(predicate, kept), predicates[:1],"),
        ("listing.py", "last = max(1, -(-total // per_page))", "last = max(1, total // per_page)"),
        ("listing.py", 'link("page", number - 1) if number > 1 else', 'link("page", number - 1) if number else'),
    ),
    *_faults(
        f"{EMULATOR}/domain",
        "tests/integration/emulator",
        ("charging/refusals.py", 'fields.get("status") == "disabled"', 'fields.get("status") == "off"'),
        ("billing/wallet.py", "as_money(backend, Decimal(str(call", "as_money(backend, -Decimal(str(call"),
        ("integrations/webhooks.py", 'if delivery.status == "failed" and', 'if delivery.status == "delivered" and'),
    ),
    *_faults(
        f"{EMULATOR}/seed",
        "tests/integration/emulator/test_starting.py tests/integration/emulator/test_control.py"
        " tests/integration/emulator/test_sessions.py tests/integration/emulator/test_state.py",
        ("sizes.py", '"users": 1000', '"users": 10'),
        ("sizes.py", "return len(self.records.get(resource_type, ())) or", "return"),
        ("sizes.py", "if resource_type not in COUNTS or not", "if not"),
    ),
    *_faults(
        f"{EMULATOR}/control",
        "tests/integration/emulator/test_control.py tests/integration/emulator/test_webhooks.py",
        ("operations.py", "self.webhooks.deliveries.clear()", "pass"),
        ("operations.py", 'self.backend.clock.advance(float(body["advance"]))', "pass"),
        ("operations.py", 'body.get("rateLimit", settings.rate_limit)', "settings.rate_limit"),
    ),
    *_faults(
        f"{EMULATOR}/faults",
        "tests/integration/emulator/test_defects.py",
        (
            "delivery.py",
            "always(webhooks.signature_headers, {})",
            "override(webhooks.signature_headers, lambda find, *given: find(*given))",
        ),
        (
            "delivery.py",
            "always(webhooks.subscribers, [])",
            "override(webhooks.subscribers, lambda find, *given: find(*given))",
        ),
        ("delivery.py", 'if name != "notification"}', 'if name != "name"}'),
    ),
    *_faults(
        f"{EMULATOR}/backend",
        "tests/unit/emulator tests/integration/emulator/test_state.py",
        (
            "store.py",
            "number = self._table(resource_type).last_id + 1",
            "number = self._table(resource_type).last_id + 2",
        ),
        ("store.py", "                other.drop(child)", "                pass"),
        ("store.py", 'resource_type.last_id = int(dumped["lastId"])', "resource_type.last_id = 0"),
    ),
]


def _run(project: Path, tests: str) -> tuple[bool, str]:
    """Whether the tests pass, and the last line that pytest wrote."""
    arguments = [word.strip("'") for word in _words(tests)]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return ended.returncode == 0, (lines or ended.stdout.splitlines() or [ended.stderr])[-1][:150]


def _words(tests: str) -> list[str]:
    head, _, expression = tests.partition(" -k ")
    return [*head.split(), *(["-k", expression] if expression else [])]


def _copy(project: Path) -> None:
    """Copy the files that git knows or would add, and what is slow to make again."""
    listing = ["git", "-C", str(PROJECT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(lambda name: (PROJECT / name).is_file(), names):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, project / name)
    shutil.copytree(PROJECT / ".cache", project / ".cache", dirs_exist_ok=True)
    (project / ".venv").symlink_to(PROJECT / ".venv")


def seed(faults: Iterable[Fault]) -> int:
    """Seed the faults one by one; the number of those that no test found."""
    with tempfile.TemporaryDirectory(prefix="seeded-faults-") as folder:
        project = Path(folder) / "project"
        _copy(project)

        @cache
        def passes_without(tests: str) -> bool:
            return _run(project, tests)[0]

        unfound = 0
        for fault in faults:
            started = time.monotonic()
            where = f"{fault.file}: {' '.join(fault.wrong.split())[:60]}"
            if not fault.fits(project) or not passes_without(fault.tests):
                unfound += 1
                reason = "its tests fail without it" if fault.fits(project) else "it no longer fits the code"
                print(f"UNUSABLE   {where} ({reason})", flush=True)
                continue
            file = project / fault.file
            original = file.read_text(encoding="utf-8")
            file.write_text(original.replace(fault.right, fault.wrong), encoding="utf-8")
            passed, line = _run(project, fault.tests)
            file.write_text(original, encoding="utf-8")
            unfound += passed
            print(
                f"{'NOT FOUND' if passed else 'found'}  {where} ({time.monotonic() - started:.0f} s) {line}", flush=True
            )
        return unfound


def main() -> int:
    """Run the command line."""
    packages = sorted({fault.package for fault in FAULTS})
    parser = argparse.ArgumentParser(description="Seed known faults and show that the tests find them.")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=", ".join(packages))
    parser.add_argument("--check", action="store_true", help="only whether each fault still fits the code")
    given = parser.parse_args()
    if unknown := set(given.packages) - set(packages):
        parser.error(f"unknown package {min(unknown)}; known are {', '.join(packages)}")
    faults = [fault for fault in FAULTS if not given.packages or fault.package in given.packages]
    if given.check:
        unfit = [fault for fault in faults if not fault.fits(PROJECT)]
        for fault in unfit:
            print(f"no longer fits: {fault.file}: {fault.right!r}")
        print(f"{len(faults) - len(unfit)} of {len(faults)} faults fit the code")
        return 1 if unfit else 0
    unfound = seed(faults)
    print(f"{len(faults) - unfound} of {len(faults)} seeded faults were found")
    return 1 if unfound else 0


if __name__ == "__main__":
    sys.exit(main())
