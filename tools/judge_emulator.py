"""Judges an emulator of a document: every operation, then the scenarios, through a proxy that validates each response.

    .venv/bin/python -m tools.judge_emulator DOCUMENT [--api-version 3.110.0] [--prism COMMAND]

With `--prism`, the command that starts the CLI of Prism, its validating proxy judges the same responses. Prints each
kind of violation once. Exit code 1: there are violations.
"""

import argparse
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.specs import Specification, load_specification
from ampeco_conformance.specs.importing import import_document
from ampeco_conformance.specs.loading import STORE_VARIABLE
from tests.support.emulator import NOON, TOKEN, running
from tests.support.loopback import NO_TLS, Received, Sent, serving
from tests.support.naive_client import NaiveClient

PROJECT = Path(__file__).parents[1]
#: Headers that belong to one connection.
_HOPS = frozenset({"connection", "content-length", "host", "transfer-encoding", "accept-encoding"})
_PRISM_HEADER = "sl-violations"
#: What Prism says of valid responses: times such as 08:00, as the vendor writes them, and decimals that have no exact
#: binary form.
_FALSE_ALARMS = ('must match format "time"', "must be multiple of")
#: What it says of a value that fits none or several of the alternatives of its schema, beside what is wrong by each of
#: them. Where the alternatives of the document overlap, that is no violation: our own reading judges these values.
_ALTERNATIVES = ("must match exactly one schema in oneOf", "must match a schema in anyOf")


class JudgingProxy:
    """Forwards requests, and counts how their responses break a document."""

    def __init__(self, upstream: httpx.Client, contract: ApiContract) -> None:
        self._upstream = upstream
        self._contract = contract
        self.responses = 0
        self.violations: Counter[str] = Counter()

    def __call__(self, received: Received) -> Sent:
        """The response of the upstream, once it is judged."""
        headers = {name: value for name, value in received.headers.items() if name.lower() not in _HOPS}
        response = self._upstream.request(received.method, received.path, content=received.body, headers=headers)
        kept = {name: value for name, value in response.headers.items() if name.lower() not in _HOPS}
        operation = self._contract.operation_of(received.method, str(response.url))
        if operation is not None:
            self.responses += 1
            sent, given = Request(received.method, str(response.url)), tuple(response.headers.items())
            answer = Response(response.status_code, headers=given, body=response.content)
            found = self._contract.check_response(Exchange(sent, answer, 0, 0), operation)
            self.violations.update(f"{operation.label}: {finding.violation.message}" for finding in found)
            of_prism = violations_of_prism(json.loads(kept.pop(_PRISM_HEADER, "[]")))
            self.violations.update(f"{operation.label}: Prism: {found}" for found in of_prism)
        return Sent(response.status_code, response.content, kept)


def violations_of_prism(items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What of Prism's findings about an exchange is a violation of its response."""
    found = [(str(item["message"]), tuple(map(str, item["location"]))) for item in items]
    alternatives = [place for message, place in found if message.endswith(_ALTERNATIVES)]
    for message, place in found:
        is_of_alternative = any(place[: len(outer)] == outer for outer in alternatives)
        if place[0] == "response" and not is_of_alternative and not any(text in message for text in _FALSE_ALARMS):
            yield f"{message} at {'.'.join(place)}"


def imported(document: str, version: str, store: Path) -> Specification:
    """The document as a version of its own in a copy of the store, which emulators and runs read from then on."""
    shutil.copytree(PROJECT / "specs", store, dirs_exist_ok=True)
    os.environ[STORE_VARIABLE] = str(store)
    import_document(document, store=store, api="ampeco", version=version, replace=True)
    return load_specification(version)


@contextmanager
def prism_before(command: str, document: str, upstream: str) -> Iterator[str]:
    """The address of a proxy of Prism that validates by a document."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [*shlex.split(command), "proxy", document, upstream, "--port", str(port)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 60
            while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}"
        finally:
            # It would wait for the connections that a client keeps open.
            process.kill()


def play_scenarios(address: str, version: str) -> int:
    """Run the scenarios against an address; gives the exit code of pytest."""
    words = [sys.executable, "-m", "pytest", "scenarios", "-q", "-p", "no:cacheprovider", "--base-url", address]
    options = ["--token-env", "JUDGED_TOKEN", "--api-version", version, "--safety", "full"]
    known = {**os.environ, "JUDGED_TOKEN": TOKEN}
    with tempfile.TemporaryDirectory() as reports:
        command = [*words, *options, "--reports", reports]
        return subprocess.run(command, cwd=PROJECT, env=known, check=False).returncode


def main() -> int:
    """Judge an emulator of the document; 1 when it breaks it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", metavar="DOCUMENT")
    parser.add_argument("--api-version", default="3.110.0", help="the version that the document is imported as")
    parser.add_argument("--prism", metavar="COMMAND")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as store:
        return judged(imported(options.document, options.api_version, Path(store)), options)


def judged(specification: Specification, options: argparse.Namespace) -> int:
    """Walk and play against an emulator of the specification, and print what breaks it."""
    with running("--api-version", options.api_version, "--clock", NOON) as emulator:
        upstream = str(emulator.client.base_url)
        prism = prism_before(options.prism, options.document, upstream) if options.prism else nullcontext(upstream)
        with prism as address, httpx.Client(base_url=address, timeout=60, trust_env=False, verify=NO_TLS) as client:
            judge = JudgingProxy(client, ApiContract(specification))
            with serving(judge) as front:
                headers = {"Authorization": f"Bearer {TOKEN}"}
                with httpx.Client(base_url=front, headers=headers, timeout=60, trust_env=False, verify=NO_TLS) as naive:
                    unreached = NaiveClient(naive, specification).unreached()
                print(f"{judge.responses:,} responses of all operations, {len(unreached)} of which never succeeded")
                emulator.control("POST", "/reset")
                status = play_scenarios(front, options.api_version)
    print(f"{judge.responses:,} responses; scenarios ended with {status}; {len(judge.violations)} kinds of violation")
    for message, number in judge.violations.most_common():
        print(f"{number:6} {message}")
    return 1 if judge.violations else 0


if __name__ == "__main__":
    sys.exit(main())
