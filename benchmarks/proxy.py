"""`conform proxy` beside the direct way: the throughput of a mixed client at an offered rate, in turn.

    .venv/bin/python benchmarks/proxy.py [--rate 200] [--seconds 10]

Prints requests per second for both, their ratio, the processor time that each process takes per request, and the faults
that were found. Linux only.
"""

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ampeco_conformance.proxy.upstream import Upstream

TOKEN = "emulator-token"
PREFIX = "/public-api/resources"
#: What the client asks for, in turn; the last one has a fault of the client.
PATHS = (
    "/taxes/v2.0",
    "/users/v1.0?per_page=10&cursor=",
    "/charge-points/v2.0?per_page=5&cursor=",
    "/sessions/v1.0?per_page=5&cursor=",
    "/locations/v2.0?cursor=&per_page=5",
    "/taxes/v2.0?per_pag=3",
)


@contextmanager
def started(*command: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A process whose first line names its address."""
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = re.search(r"http://[\d.:]+", process.stdout.readline())
    assert address is not None
    try:
        yield address[0], process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def cpu_seconds(pid: int) -> float:
    """The processor time of a process until now (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def offered(base_url: str, rate: int, seconds: float) -> float:
    """The requests per second that were answered when `rate` were offered, by a client that costs little itself."""
    upstream = Upstream(base_url, timeout=60)
    headers = [(b"host", upstream.host), (b"authorization", f"Bearer {TOKEN}".encode())]
    total, begun = round(rate * seconds), time.perf_counter()

    async def one(number: int) -> None:
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        connection = await upstream.connection()
        response = await connection.request(b"GET", (PREFIX + PATHS[number % len(PATHS)]).encode(), headers)
        assert response.status_code in (200, 422), response.status_code
        async for _ in connection.parts():
            pass
        upstream.release(connection)

    await asyncio.gather(*map(one, range(total)))
    return total / (time.perf_counter() - begun)


def measured(base_url: str, rate: int, seconds: float, pids: Sequence[int]) -> tuple[float, list[float]]:
    """The requests per second, and the processor time in ms per request of each process, the client's first."""
    before = [cpu_seconds(pid) for pid in (os.getpid(), *pids)]
    answered = asyncio.run(offered(base_url, rate, seconds))
    time.sleep(2)  # the judge may be behind
    after = [cpu_seconds(pid) for pid in (os.getpid(), *pids)]
    return answered, [1000 * (end - begin) / (rate * seconds) for begin, end in zip(before, after, strict=True)]


def main() -> None:
    """Measure both, three times in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, started("ampeco_emulator", "--port", "0") as (direct, emulator):
        command = ("proxy", "--base-url", direct, "--token-env", "PROXY_TOKEN", "--port", "0", "--reports", folder)
        with started("ampeco_conformance.cli.main", *command) as (proxied, proxy):
            pids = (emulator.pid, proxy.pid)
            for address in (direct, proxied):
                measured(address, given.rate, 1, pids)  # warm up
            for _ in range(3):
                alone, cost_alone = measured(direct, given.rate, given.seconds, pids)
                through, cost = measured(proxied, given.rate, given.seconds, pids)
                print(
                    f"direct {alone:.1f}/s, through the proxy {through:.1f}/s, ratio {through / alone:.3f}; CPU per "
                    f"request: client {cost[0]:.2f} ms, emulator {cost[1]:.2f} ms (direct {cost_alone[1]:.2f} ms), "
                    f"proxy {cost[2]:.2f} ms"
                )
        assert proxy.stdout is not None
        print(proxy.stdout.read())
        print(f"recording: {(Path(folder) / 'traffic.har').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    os.environ["PROXY_TOKEN"] = TOKEN
    main()
