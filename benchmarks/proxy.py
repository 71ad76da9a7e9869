"""`conform proxy` beside the direct way: the throughput of a mixed client at an offered rate, in turn.

    .venv/bin/python benchmarks/proxy.py [--rate 200] [--seconds 10]

Prints requests per second for both, their ratio, and the faults that were found.
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

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


async def offered(base_url: str, rate: int, seconds: float) -> float:
    """The requests per second that were answered when `rate` were offered."""
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=50)
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=base_url, headers=headers, limits=limits, timeout=60) as client:
        await asyncio.gather(*(client.get(PREFIX + path) for path in PATHS))
        total, begun = round(rate * seconds), time.perf_counter()

        async def one(number: int) -> None:
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            await client.get(PREFIX + PATHS[number % len(PATHS)])

        await asyncio.gather(*map(one, range(total)))
        return total / (time.perf_counter() - begun)


def main() -> None:
    """Measure both, three times in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, started("ampeco_emulator", "--port", "0") as (direct, _):
        command = ("proxy", "--base-url", direct, "--token-env", "PROXY_TOKEN", "--port", "0", "--reports", folder)
        with started("ampeco_conformance.cli.main", *command) as (proxied, process):
            for _ in range(3):
                alone = asyncio.run(offered(direct, given.rate, given.seconds))
                through = asyncio.run(offered(proxied, given.rate, given.seconds))
                print(f"direct {alone:.1f}/s, through the proxy {through:.1f}/s, ratio {through / alone:.3f}")
        assert process.stdout is not None
        print(process.stdout.read())
        print(f"recording: {(Path(folder) / 'traffic.har').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    os.environ["PROXY_TOKEN"] = TOKEN
    main()
