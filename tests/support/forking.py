"""Starts `python -m MODULE` of this project as a fork of this process, which has imported everything already.

A run that is such a fork starts its workers in the same way.

To start Python, pytest and Schemathesis anew takes more than a second of CPU time, more than a run of one item does
afterwards. A fork is a process of its own with its own standard streams, group, signals and environment.
`tests/conftest.py` says which tests fork; those of `tests/e2e/cli` start what a user starts.
"""

import contextlib
import gc
import importlib
import os
import pkgutil
import runpy
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from execnet.gateway_io import popen_bootstrapline

from ampeco_conformance.apis import DEFAULT_API
from ampeco_conformance.contract.allow_list import allow_list_of
from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.generate.documents import generable_document
from ampeco_conformance.specs import DEFAULT_VERSIONS, load_specification
from ampeco_conformance.specs.loading import STORE_VARIABLE
from ampeco_emulator.openapi.endpoints import router_of

PROJECT = Path(__file__).resolve().parents[2]
_SUITE, _EMULATOR = "ampeco_conformance", "ampeco_emulator"
#: The modules that are forked, and the packages that they import; a run starts an emulator.
_MODULES = {
    "ampeco_emulator": [_EMULATOR],
    "ampeco_conformance.cli.main": [_EMULATOR, _SUITE],
    "pytest": [_EMULATOR, _SUITE],
}
#: How pytest-xdist starts a worker: it reads its program from the standard input.
_WORKER = ["-u", "-c", popen_bootstrapline]
#: What the libraries of a package import when they are used.
_IMPORTED_LATE = {
    _EMULATOR: (
        "uvicorn.lifespan.on",
        "uvicorn.loops.uvloop",
        "uvicorn.protocols.http.httptools_impl",
    ),
    _SUITE: (
        "allure_pytest.plugin",
        "schemathesis.specs.openapi.schemas",
        "schemathesis.transport.asgi",
    ),
}
#: Modules of tests that a fork no longer finds, although functions that run are theirs.
_FORGOTTEN: list[ModuleType] = []


class ForkedPython(subprocess.Popen[Any]):
    """`subprocess.Popen` that forks for a module of this project, and starts everything else as it does."""

    def __init__(self, args: Any, *others: Any, **options: Any) -> None:
        words = _words_of_module(args, options.get("cwd"))
        environment = dict(os.environ if (given := options.get("env")) is None else given)
        # Another path means another copy of the project.
        if words and environment.get("PYTHONPATH") == os.environ.get("PYTHONPATH"):
            for package in _MODULES.get(words[0], [_EMULATOR, _SUITE]):
                _import_all_of(package)
            if environment.get(STORE_VARIABLE) == os.environ.get(STORE_VARIABLE):
                _read_version(*(_value_of(option, words) for option in ("--api", "--api-version")))
            prepare = options.get("preexec_fn")
            options["preexec_fn"] = lambda: _become(words, environment, prepare)
        super().__init__(args, *others, **options)


def _words_of_module(command: object, folder: object) -> list[str]:
    """The module and its arguments, when the command is this Python with such a module of this project."""
    match command:
        case [sys.executable, "-P", "-m", module, *_] if module in _MODULES:
            return [str(word) for word in command[3:]]
        case [sys.executable, "-m", module, *_] if module in _MODULES and folder in (None, PROJECT):
            return [str(word) for word in command[2:]]
        case [sys.executable, *others] if others == _WORKER:
            return _WORKER[1:]
    return []


def _value_of(option: str, words: list[str]) -> str | None:
    """What follows the option on the command line."""
    return next((value for word, value in pairwise(words) if word == option), None)


@cache
def _read_version(api: str | None, version: str | None) -> None:
    """Read and compile once what every fork would read of a version."""
    api = api or DEFAULT_API
    try:
        specification = load_specification(version or DEFAULT_VERSIONS[api], api)
    except (ConfigurationError, KeyError):
        # The fork refuses it.
        return
    contract_of(specification).prepare()
    allow_list_of(specification)
    generable_document(specification)
    router_of(specification).book.prepare()


@cache
def _import_all_of(package: str) -> None:
    """Import once what every fork would import."""
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        importlib.import_module(module.name)
    for name in _IMPORTED_LATE[package]:
        importlib.import_module(name)
    if package == _SUITE:
        _let_hypothesis_read_constants()


def _let_hypothesis_read_constants() -> None:
    """Draw often enough for Hypothesis to want a constant: it looks for them in all modules of the project."""
    from hypothesis import Phase, given, settings
    from hypothesis.strategies import text

    @settings(phases=[Phase.generate])
    @given(text())
    def draw(_: str) -> None:
        pass

    draw()


def _become(words: list[str], environment: Mapping[str, str], prepare: Callable[[], None] | None) -> NoReturn:
    """Run the module in this process, which has just been forked, as if Python had been started for it.

    It is called before the files are closed that a new program does not inherit, and never returns.
    """
    status = 1
    try:
        if prepare is not None:
            prepare()
        _let_go_of_files()
        _forget_the_tests(environment)
        status = _run(words)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


def _let_go_of_files() -> None:
    """Leave the standard streams only. The numbers stay taken: an object that still has one may close it later."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in [int(entry.name) for entry in Path("/dev/fd").iterdir()]:
        if number > 2 and number != nothing:
            with contextlib.suppress(OSError):
                os.fstat(number)
                os.dup2(nothing, number, inheritable=False)


def _forget_the_tests(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
        for number, mode in enumerate(("r", "w", "w"))
    )
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    # As Python does when it starts.
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    # Tests and the suite's tests are imported again: another folder may have modules of these names.
    of_tests = [
        name for name, module in sys.modules.items() if _is_of_tests(getattr(module, "__file__", None) or os.devnull)
    ]
    _FORGOTTEN.extend(sys.modules.pop(name) for name in of_tests)
    sys.path[:] = [folder for folder in sys.path if folder != str(PROJECT)]
    sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
    # What the tests have made is never collected, so that its memory stays shared.
    gc.freeze()
    gc.unfreeze = lambda: None
    gc.enable()


def _is_of_tests(file: str) -> bool:
    path = Path(file)
    return path.is_relative_to(PROJECT) and path.relative_to(PROJECT).parts[0] not in ("src", ".venv")


def _run(words: list[str]) -> int:
    sys.argv = words
    try:
        if words == _WORKER[1:]:
            exec(popen_bootstrapline, {"__name__": "__main__"})
            return 0
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
            return 1
        return int(end.code or 0)
    return 0
