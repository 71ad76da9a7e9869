"""`conform proxy`: between an integration and its target, judging and recording the traffic."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click
import uvicorn

from ampeco_conformance.cli.options import declared, target_options
from ampeco_conformance.contract.allow_list import allow_list_of
from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ConfigurationError, ExitCode, not_listening
from ampeco_conformance.core.har_writing import HarFile
from ampeco_conformance.core.project import WORKSPACE
from ampeco_conformance.core.traffic_mask import TrafficMask
from ampeco_conformance.drift.log import DriftLog
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.plugin.option_table import REPORTS
from ampeco_conformance.plugin.option_values import Option, port_number
from ampeco_conformance.plugin.target_options import TargetOptions
from ampeco_conformance.proxy.forwarding import Forwarding
from ampeco_conformance.proxy.live_judge import LiveJudge, Party, TrafficFault, verdict_of
from ampeco_conformance.proxy.recording import HAR, PAGE, TrafficRecording
from ampeco_conformance.recording.judge import Judge
from ampeco_conformance.specs import Specification, load_specification
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.triage.known_issues import LEDGER_FILE, load_ledger
from ampeco_conformance.triage.reproduce import NotRepeated
from ampeco_conformance.triage.strictness import STRICTNESS_FILE, feature_rules, load_settings

_PORT = Option(
    name="--port", parse=port_number, default=8090, metavar="PORT", help="Port to listen on; 0 picks a free one."
)
_REPORTS = replace(REPORTS, default=Path("reports/proxy"), help="Folder for the page and the HAR file.")

#: Judging these takes a second or more.
_MANY = 1000


@click.command(context_settings={"max_content_width": 110})
@target_options
@click.option("--api-version", metavar="VERSION", help="Contract to judge by (default: the tenant's).")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; others cannot reach the default."
)
@declared(_PORT)
@declared(_REPORTS)
def command(target_options: TargetOptions, api_version: str | None, host: str, port: int, reports: Path) -> int:
    """Forward the requests of a client to a target (default: the embedded emulator) until ctrl-C, and judge them.

    Each fault is shown once, when it is seen first. The page lists all of them; the HAR file is masked. Exit 1 when the
    client or the target broke the contract.
    """
    if target_options.safety is not None:
        raise ConfigurationError("--safety does not limit a proxy, which forwards what its client sends; leave it out")
    target = target_options.resolve(api_version)
    specification = load_specification(target.api_version, target.api)
    with _upstream(target) as upstream, _listening(host, port) as listener:
        mask = TrafficMask(allow_list_of(specification), target.secrets)
        judge = LiveJudge(
            contract_of(specification),
            _judge(target, specification),
            mask,
            target.token,
            _tell,
            base_path=urlsplit(upstream).path,
        )
        with _recording_to(reports / HAR, mask) as har:
            title = f"Traffic to {target.name}, {target.api} {target.api_version}"
            recording = TrafficRecording(judge, har, reports, title, _tell_failure)
            application = Forwarding(upstream, recording, timeout=target.timeout, connection=target.connection)
            address = "http://{}:{}".format(*listener.getsockname()[:2])
            click.echo(f"Proxy of {target.name} at {address}, by the contract of {target.api} {target.api_version}")
            _serve(application, listener)
            if recording.waiting > _MANY:
                click.echo(f"Judging the last {recording.waiting} requests")
            recording.finish()
    if recording.delayed:
        click.echo(f"{counted(recording.delayed, 'request')} held up: they came faster than they could be judged")
    return _summary(judge, reports)


def _serve(application: Forwarding, listener: socket.socket) -> None:
    config = uvicorn.Config(
        application, log_level="critical", lifespan="off", ws="none", server_header=False, date_header=False
    )
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        try:
            runner.run(uvicorn.Server(config).serve(sockets=[listener]))
        finally:
            application.close()


@contextmanager
def _upstream(target: Target) -> Iterator[str]:
    if target.base_url is not None:
        yield target.base_url
        return
    with running_emulator(target.api, target.api_version, target.token) as base_url:
        yield base_url


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listener:
        try:
            listener.bind((host, port))
            listener.listen(128)
        except OSError as error:
            raise ConfigurationError(not_listening(error, host, port)) from None
        yield listener


@contextmanager
def _recording_to(file: Path, mask: TrafficMask) -> Iterator[HarFile]:
    try:
        har = HarFile(file, mask)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}; choose another --reports") from None
    with har:
        yield har


def _judge(target: Target, specification: Specification) -> Judge:
    settings = load_settings(_own(STRICTNESS_FILE))
    settings = replace(settings, rules=(*settings.rules, *feature_rules(target.api, target.features)))
    drift = DriftLog(UndocumentedFinder(contract_of(specification)), settings, specification, target.name)
    return Judge(settings, NotRepeated(), load_ledger(_own(LEDGER_FILE)), drift, target.name)


def _own(name: str) -> Path | None:
    return WORKSPACE / name if (WORKSPACE / name).exists() else None


def _tell(fault: TrafficFault) -> None:
    weight = "" if fault.breaks or fault.side is Party.DRIFT else " (warning)"
    click.echo(f"{fault.side}{weight}: {fault.operation}: {fault.message} [{fault.kind}]")


def _tell_failure(error: BaseException) -> None:
    click.echo(f"Judging and recording stopped, requests are still forwarded: {error}", err=True)


def _summary(judge: LiveJudge, reports: Path) -> int:
    counts = verdict_of(judge.faults)
    click.echo(
        f"{counted(judge.exchanges, 'request')}: {counted(counts[Party.CLIENT], 'fault')} of the client, "
        f"{counted(counts[Party.TARGET], 'fault')} of the target, {counts[Party.DRIFT]} undocumented"
    )
    click.echo(f"Page: {reports / PAGE}")
    click.echo(f"Recording: {reports / HAR}, for client-check --har, drift --har and --usage")
    return ExitCode.VIOLATION if counts[Party.CLIENT] or counts[Party.TARGET] else ExitCode.CONFORM
