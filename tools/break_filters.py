"""Breaks each filter of the emulator, one at a time and in each way, and sees whether `test_filters` finds it.

    .venv/bin/python -m tools.break_filters [--api-version 3.90.0] [--listing sessions]

Emulator and test run in this process. Prints a line for every broken filter that is not found, with the reason that the
item gives, then how many were found. Exits with 1 when one is not found without a reason, or when the item finds
something in a filter that is not broken.
"""

import argparse
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

from ampeco_conformance.contract.filters import Filter, filters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.counting import counted
from ampeco_conformance.specs import Operation, load_specification
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.clock import VirtualClock, parse_timestamp
from ampeco_emulator.control.saved_state import SavedState
from ampeco_emulator.crud import filters as emulated
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.crud.collections import filter_predicates
from ampeco_emulator.crud.filters import RecordPredicate
from ampeco_emulator.domain import HOOKS
from ampeco_emulator.http.api import EmulatedApi
from ampeco_emulator.http.application import Application
from ampeco_emulator.http.request_log import RequestLog
from ampeco_emulator.seed.sizes import seed_named
from ampeco_emulator.settings import Access, EmulatorSettings
from contract_tests import test_filters
from tests.support.aspect_bench import AspectBench, aspect_bench
from tests.support.emulator import NOON, TOKEN

_ITEM = "test_filters::test_filters"
_Predicates = list[RecordPredicate]
#: What a broken filter makes of its predicates.
_WAYS: dict[str, Callable[[_Predicates], _Predicates]] = {
    "ignored": lambda _: [],
    "finds nothing": lambda _: [lambda _record: False],
    "inverted": lambda right: [lambda record: not all(predicate(record) for predicate in right)],
}


@dataclass(frozen=True)
class BrokenFilter:
    """A filter of a listing, broken in one way."""

    operation: Operation
    rule: Filter
    way: str

    def predicates(
        self, predicates_of: Callable[[EndpointCall, Any], _Predicates], call: EndpointCall, filters: Any
    ) -> _Predicates:
        """What the emulator filters by; the other filters as they are."""
        if call.endpoint.operation.label != self.operation.label:
            return predicates_of(call, filters)
        key = next(name for name, _ in emulated.filters_of({self.rule.name: ""}))
        kept = {name: value for name, value in filters.items() if key != next(emulated.filters_of({name: value}))[0]}
        broken = {name: value for name, value in filters.items() if name not in kept}
        own = _WAYS[self.way](predicates_of(call, broken)) if broken else []
        return [*predicates_of(call, kept), *own]


@contextmanager
def emulator(version: str) -> Iterator[tuple[Backend, str]]:
    """An emulator in this process, and its address."""
    backend = Backend(load_specification(version), HOOKS, VirtualClock(parse_timestamp(NOON)))
    SavedState(backend, seed_named("small")).reset()
    app = Application(EmulatedApi(backend, EmulatorSettings({TOKEN: Access()})), [], [], RequestLog(), [], lambda: None)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield backend, f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def outcome(bench: AspectBench, operation: Operation, rule: Filter) -> tuple[bool, str]:
    """Whether the item finds something in a filter, and else the reason that it gives."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(test_filters, "filters_of", lambda _contract, _operation: [rule])
        try:
            return bool(bench.findings(_ITEM, operation.label)), "; ".join(bench.notes) or rule.reason
        except pytest.skip.Exception as reason:
            return False, str(reason)


def main(arguments: Sequence[str] | None = None) -> int:
    """Break all filters, or those of the listings whose path has a word."""
    parser = argparse.ArgumentParser(description="See whether each filter of the emulator, broken, is found.")
    parser.add_argument("--api-version", default="3.90.0")
    parser.add_argument("--listing", default="", help="only listings with this in their path")
    options = parser.parse_args(arguments)
    contract = ApiContract(load_specification(options.api_version))
    listings = [
        operation
        for operation in contract.specification.operations
        if options.listing in operation.path and test_filters.has_filters(operation, contract)
    ]
    tried = found = unexplained = 0
    with emulator(options.api_version) as (backend, base_url), aspect_bench(base_url, contract) as bench:
        for operation in listings:
            for rule in filters_of(contract, operation):
                backend.override({})
                is_accused, reason = outcome(bench, operation, rule)
                if is_accused:
                    sys.stdout.write(f"{operation.path} {rule.name}: accused as it is\n")
                    unexplained += 1
                for way in _WAYS:
                    tried += 1
                    backend.override({filter_predicates: BrokenFilter(operation, rule, way).predicates})
                    is_found, _ = outcome(bench, operation, rule)
                    found += is_found
                    if not is_found:
                        unexplained += not reason
                        sys.stdout.write(f"{operation.path} {rule.name} {way}: not found; {reason or 'no reason'}\n")
                        sys.stdout.flush()
    sys.stdout.write(f"{found} of {counted(tried, 'broken filter')} found, {unexplained} without a reason\n")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
