"""`python -m ampeco_emulator`: serve the emulated API. The first line of output contains its address."""

import argparse
import gc
import ipaddress
import os
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import uvicorn
from starlette.routing import Route

from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.specs import DEFAULT_VERSIONS, Specification, load_specification
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.timer import run_timer
from ampeco_emulator.clock import VirtualClock, parse_timestamp
from ampeco_emulator.control.operations import routes
from ampeco_emulator.control.page import page_routes
from ampeco_emulator.control.saved_state import SavedState
from ampeco_emulator.control.state_file import StateFile
from ampeco_emulator.domain import HOOKS
from ampeco_emulator.domain.integrations.webhooks import Webhooks
from ampeco_emulator.faults import DEFECTS, Defect, DefectSwitch
from ampeco_emulator.faults.mutation import drawn
from ampeco_emulator.http.api import EmulatedApi
from ampeco_emulator.http.application import Application
from ampeco_emulator.http.limits import IDLE_SECONDS, LimitedConnection
from ampeco_emulator.http.request_log import RequestLog
from ampeco_emulator.http.switched_off import features_of
from ampeco_emulator.seed.sizes import seed_named
from ampeco_emulator.settings import Access, EmulatorSettings
from ampeco_emulator.variants import VARIANTS, EmulatorVariant, overrides_of, variants_named

TOKEN_VARIABLE = "AMPECO_EMULATOR_TOKEN"
DEFAULT_TOKEN = "emulator-token"
#: New objects after which the garbage collector visits the youngest; Python's default is 700.
_ALLOCATIONS = 20_000
_SHUTDOWN_SECONDS = 5


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the exit code is 2 when an option is wrong."""
    gc.set_threshold(_ALLOCATIONS, 20, 20)
    options = parser().parse_args(arguments)
    if options.list_defects or options.list_variants:
        return _list(DEFECTS if options.list_defects else VARIANTS)
    try:
        specification = load_specification(options.api_version or DEFAULT_VERSIONS[options.api], options.api)
        if options.list_mutations:
            return _list_mutations(specification, options.list_mutations, options.mutation_seed)
        clock = _clock(options.clock)
        backend = Backend(specification, HOOKS, clock)
        defects = DefectSwitch(backend, overrides_of(variants_named(options.variant)))
        state = SavedState(backend, seed_named(options.seed))
        kept = StateFile(options.state, state) if options.state is not None else None
        if kept is not None:
            kept.open()
        else:
            state.reset()
        defects.select(options.defect)
        features_off = _features_off(options.feature_off, specification)
        oauth_client = _client(options.oauth_client)
        listener = _listen(options.host, options.port)
    except ConfigurationError as error:
        sys.stderr.write(f"ampeco_emulator: {error}\n")
        return error.exit_code
    token = options.token or os.environ.get(TOKEN_VARIABLE) or DEFAULT_TOKEN
    settings = EmulatorSettings(
        {token: Access()},
        options.strict,
        options.latency,
        options.rate_limit,
        app_version=f"{specification.version} (emulator)",
        features_off=features_off,
        daily_limit=options.daily_limit,
        control_token=options.control_token,
        oauth_client=oauth_client,
        token_lifetime=options.token_lifetime,
    )
    webhooks = Webhooks(backend, settings, token)
    backend.listeners.append(webhooks.on_event)
    backend.resend = webhooks.resend
    log = RequestLog()
    app = _application(backend, settings, routes(backend, settings, webhooks, state, defects, log), log, kept)
    config = uvicorn.Config(
        app,
        http=LimitedConnection,
        log_level="warning",
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        ws="none",
        date_header=False,
    )
    server = uvicorn.Server(config)
    host, port = listener.getsockname()[:2]
    sys.stdout.write(f"Emulator of {specification.api} {specification.version} at http://{host}:{port}\n")
    sys.stdout.flush()
    if options.control_token is None and not ipaddress.ip_address(host).is_loopback:
        sys.stderr.write(
            f"ampeco_emulator: warning: {host} can be reached from other machines, and the control plane is open; "
            "set --control-token\n"
        )
    # The collector need not visit the specification and the seed again and again.
    gc.freeze()
    if options.until_stdin_ends:
        threading.Thread(target=_stop_at_end_of_stdin, args=(server,), daemon=True).start()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        sys.stderr.write("ampeco_emulator: stopped\n")
        return ExitCode.INTERRUPTED
    return 0


def _application(
    backend: Backend, settings: EmulatorSettings, control: list[Route], log: RequestLog, kept: StateFile | None
) -> Application:
    """The application, with what it does by itself: run what falls due, save the state."""
    # A fixed clock advances only through the control plane, which runs what falls due.
    tasks: list[Callable[[], Coroutine[Any, Any, None]]] = (
        [] if backend.clock.is_fixed else [partial(run_timer, backend)]
    )
    api, pages = EmulatedApi(backend, settings), page_routes(backend.specification)
    if kept is None:
        return Application(api, control, pages, log, tasks, lambda: None)
    app = Application(api, control, pages, log, [*tasks, kept.keep], kept.save)
    kept.changes = lambda: (app.writes, backend.schedule.marks)
    return app


def _list(behaviours: Sequence[Defect | EmulatorVariant]) -> int:
    try:
        sys.stdout.writelines(f"{item.name:32} {item.area:15} {item.meaning}\n" for item in behaviours)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, less) has closed the pipe: nothing is left to flush at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _list_mutations(specification: Specification, number: int, seed: int) -> int:
    for item in drawn(specification, number, seed):
        keeps = "keeps" if item.keeps_schema else "leaves"
        sys.stdout.write(f"{keeps}\t{item.operator}\t{item.label}\t{item.place}\t{item.name}\n")
    return 0


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help lists the options)\n")


def parser() -> argparse.ArgumentParser:
    """The options of the command line."""
    parser = _OneLineParser(prog="ampeco_emulator", description="Serve the emulated API.")
    parser.add_argument("--api", choices=sorted(DEFAULT_VERSIONS), default="ampeco")
    parser.add_argument("--api-version", metavar="VERSION")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0 picks a free port (default: 8080)")
    parser.add_argument(
        "--control-token", metavar="TOKEN", help="the control plane asks for this token (default: it is open)"
    )
    parser.add_argument("--token", help=f"default: ${TOKEN_VARIABLE}, else {DEFAULT_TOKEN}")
    parser.add_argument("--defect", metavar="NAME", help="switch one named defect on (see --list-defects)")
    parser.add_argument(
        "--variant",
        action="append",
        default=[],
        metavar="NAME",
        help="be a correct server that behaves differently (see --list-variants); repeatable",
    )
    parser.add_argument(
        "--clock",
        metavar="TIME",
        help="fix the clock at this time (ISO 8601); it advances only through the control plane",
    )
    parser.add_argument("--list-defects", action="store_true", help="list the defects with their meaning and exit")
    parser.add_argument("--list-variants", action="store_true", help="list the variants with their meaning and exit")
    parser.add_argument(
        "--list-mutations",
        type=int,
        metavar="N",
        help="list N random mutations that leave the schema and N that keep it, to be given as --defect, and exit",
    )
    parser.add_argument("--mutation-seed", type=int, default=0, metavar="S", help="seed of --list-mutations")
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help="load the state from this file at start; it is saved by itself"
    )
    parser.add_argument(
        "--seed",
        default="small",
        metavar="SEED",
        help="the data to start with: small, large or a JSON file (default: small)",
    )
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="delay every response")
    parser.add_argument(
        "--feature-off",
        action="append",
        default=[],
        metavar="NAME",
        help="answer that a feature is not enabled: a resource such as vouchers, or a group of fields; repeatable",
    )
    parser.add_argument(
        "--oauth-client",
        metavar="ID:SECRET",
        help="give tokens to this client at /public-api/oauth/token (default: that is not enabled)",
    )
    parser.add_argument(
        "--token-lifetime",
        type=float,
        default=3600.0,
        metavar="SECONDS",
        help="accept these tokens for so long (default: 3600)",
    )
    parser.add_argument(
        "--rate-limit", type=int, metavar="N", help="requests per minute and token; further requests get 429"
    )
    parser.add_argument(
        "--daily-limit", type=int, metavar="N", help="requests per day (UTC) and token; further requests get 429"
    )
    parser.add_argument(
        "--strict", action="store_true", help="validate every response against the specification before it is sent"
    )
    parser.add_argument(
        "--until-stdin-ends",
        action="store_true",
        help="stop when standard input is closed, that is when the parent process ends",
    )
    return parser


def _features_off(names: Sequence[str], specification: Specification) -> frozenset[str]:
    """The features to be off. Raises ConfigurationError for one that the version does not have."""
    known = features_of(specification)
    for name in names:
        if name not in known:
            raise ConfigurationError(f"--feature-off {name!r} is not known; known are {', '.join(known)}")
    return frozenset(names)


def _client(credentials: str | None) -> tuple[str, str] | None:
    """The id and the secret of an OAuth client. Raises ConfigurationError, without repeating them."""
    if credentials is None:
        return None
    client_id, _, client_secret = credentials.partition(":")
    if not client_id or not client_secret:
        raise ConfigurationError("--oauth-client must be an id and a secret with a colon between them")
    return client_id, client_secret


def _stop_at_end_of_stdin(server: uvicorn.Server) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    server.should_exit = True


def _clock(start: str | None) -> VirtualClock:
    """The real time, or a clock that is fixed at a time. Raises ConfigurationError."""
    try:
        return VirtualClock(parse_timestamp(start) if start else None)
    except ValueError:
        raise ConfigurationError(f"--clock {start!r} is not a time (example: 2026-01-31T12:00:00Z)") from None


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, which queues connections until the server runs. Raises ConfigurationError."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error}; choose another --port") from None
    return listener


if __name__ == "__main__":
    sys.exit(main())
