"""A proxy of `conform proxy` in this process, in front of any upstream."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from ampeco_conformance.contract.allow_list import allow_list_of
from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.core.har_writing import HarFile
from ampeco_conformance.core.traffic_mask import TrafficMask
from ampeco_conformance.drift.log import DriftLog
from ampeco_conformance.proxy.forwarding import Forwarding
from ampeco_conformance.proxy.live_judge import LiveJudge, TrafficFault
from ampeco_conformance.proxy.recording import TrafficRecording
from ampeco_conformance.recording.judge import Judge
from ampeco_conformance.specs import Specification
from ampeco_conformance.target.connection import DIRECT, Connection
from ampeco_conformance.triage.known_issues import load_ledger
from ampeco_conformance.triage.reproduce import NotRepeated
from ampeco_conformance.triage.strictness import load_settings


@dataclass(frozen=True)
class LiveProxy:
    """The address of the proxy, what it has told, its judge and recording; faults are complete once it has stopped."""

    address: str
    told: list[TrafficFault]
    judge: LiveJudge
    recording: TrafficRecording
    failures: list[BaseException]


@contextmanager
def live_proxy(
    upstream: str, specification: Specification, folder: Path, token: str, connection: Connection = DIRECT
) -> Iterator[LiveProxy]:
    mask = TrafficMask(allow_list_of(specification), [token, *(value for _, value in connection.headers)])
    contract, settings, told = contract_of(specification), load_settings(None), list[TrafficFault]()
    failures: list[BaseException] = []
    drift = DriftLog(UndocumentedFinder(contract), settings, specification, "target")
    judge = LiveJudge(
        contract,
        Judge(settings, NotRepeated(), load_ledger(None), drift, "target"),
        mask,
        token,
        told.append,
        base_path=urlsplit(upstream).path,
    )
    with HarFile(folder / "traffic.har", mask) as har:
        recording = TrafficRecording(judge, har, folder, "Traffic", failures.append)
        with _serving(Forwarding(upstream, recording, timeout=20, connection=connection)) as address:
            yield LiveProxy(address, told, judge, recording, failures)
        recording.finish()


@contextmanager
def _serving(application: Forwarding) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(application, log_level="critical", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield "http://{}:{}".format(*listener.getsockname())
        finally:
            server.should_exit = True
            thread.join()
