"""`python -m ampeco_emulator`: serve the emulated API. The first line of output contains its address."""

import errno
import gc
import ipaddress
import os
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any

import click
import uvicorn
from starlette.routing import Route

from ampeco_conformance.core.errors import ConfigurationError, ExitCode, not_listening, refuse_empty
from ampeco_conformance.specs import DEFAULT_VERSIONS, Specification, load_specification
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.timer import run_timer
from ampeco_emulator.clock import VirtualClock, parse_timestamp
from ampeco_emulator.command_line import DEFAULT_TOKEN, HELP, PARAMETERS, TOKEN_VARIABLE, EmulatorOptions
from ampeco_emulator.control.operations import ControlPlane
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

#: New objects after which the garbage collector visits the youngest; Python's default is 700.
_ALLOCATIONS = 20_000
_SHUTDOWN_SECONDS = 5
_NAME = "ampeco_emulator"
#: Errors of a disk that takes no more.
_FULL = (errno.ENOSPC, errno.EDQUOT)


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the exit code is 2 when an option is wrong."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        refuse_empty(arguments)
        return int(command.main(arguments, prog_name=_NAME, standalone_mode=False) or 0)
    except ConfigurationError as error:
        message, status = str(error), error.exit_code
    except click.ClickException as error:
        message = f"{' '.join(error.format_message().split())} (--help lists the options)"
        status = ExitCode.CONFIGURATION
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _give_up_output()
        message = f"the output cannot be written: {error.strerror}; free some space"
        status = ExitCode.ENVIRONMENT
    sys.stderr.write(f"{_NAME}: {message}\n")
    return status


def serve(options: EmulatorOptions) -> int:
    """Serve, or list what the options ask for. Raises ConfigurationError when one of them is wrong."""
    gc.set_threshold(_ALLOCATIONS, 20, 20)
    if options.list_defects or options.list_variants:
        return _list(DEFECTS if options.list_defects else VARIANTS)
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
    control = ControlPlane(backend, settings, webhooks, state, defects, log)
    app = _application(backend, settings, control.routes(), log, kept)
    config = uvicorn.Config(
        app,
        http=LimitedConnection,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
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
            f"{_NAME}: warning: {host} can be reached from other machines, and the control plane is open; "
            "set --control-token\n"
        )
    # The collector need not visit the specification and the seed again and again.
    gc.freeze()
    if options.until_stdin_ends:
        threading.Thread(target=_stop_at_end_of_stdin, args=(server,), daemon=True).start()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        sys.stderr.write(f"{_NAME}: stopped\n")
        return ExitCode.INTERRUPTED
    return 0


command = click.Command(_NAME, params=PARAMETERS, callback=lambda **given: serve(EmulatorOptions(**given)), help=HELP)


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
        # The reader (head, less) has closed the pipe.
        _give_up_output()
    return 0


def _give_up_output() -> None:
    """Leave nothing to flush at exit, which would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _list_mutations(specification: Specification, number: int, seed: int) -> int:
    for item in drawn(specification, number, seed):
        keeps = "keeps" if item.keeps_schema else "leaves"
        sys.stdout.write(f"{keeps}\t{item.operator}\t{item.label}\t{item.place}\t{item.name}\n")
    return 0


def _features_off(names: Sequence[str], specification: Specification) -> frozenset[str]:
    """The features to be off. Raises ConfigurationError for one that the version does not have."""
    known = features_of(specification)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise ConfigurationError(f"--feature-off {name!r} is not known; {hint}")
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
    except OSError as error:
        listener.close()
        raise ConfigurationError(not_listening(error, host, port)) from None
    return listener


if __name__ == "__main__":
    sys.exit(main())
