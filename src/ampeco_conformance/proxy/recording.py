"""Takes exchanges off the hands of the proxy: a thread judges them, writes the HAR file and keeps the page current."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.har_writing import HarFile
from ampeco_conformance.core.pages import render_page
from ampeco_conformance.proxy.live_judge import LiveJudge, Party, TrafficFault, verdict_of

HAR, PAGE = "traffic.har", "index.html"
_TEMPLATE = Path(__file__).parent / "templates" / "proxy.html"
#: Seconds between two versions of the page.
_PAGE_EVERY = 2.0
#: How many bytes may wait to be judged; what else an exchange takes counts as _OVERHEAD.
MOST_WAITING = 64 * 1024 * 1024
_OVERHEAD = 4096
_LOOK_AGAIN = 0.01


class TrafficRecording:
    """Judges and records in a thread of its own; `finish` waits until everything is done.

    Nothing is left out: when too much waits to be judged, `has_room` holds up the next requests; `delayed` counts them.
    `failed` is called with what ends the thread before, such as a full disk.
    """

    def __init__(
        self, judge: LiveJudge, har: HarFile, folder: Path, title: str, failed: Callable[[BaseException], None]
    ) -> None:
        self._judge = judge
        self._har = har
        self._page = folder / PAGE
        self._title = title
        self._failed = failed
        self._waiting: queue.SimpleQueue[Exchange | None] = queue.SimpleQueue()
        self._written_at = 0.0
        #: Bytes that were handed over and that are judged; each is written by one thread only.
        self._added = self._done = 0
        self.delayed = 0
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="conform-proxy-judge", daemon=True)
        self._write_page()
        self._thread.start()

    @property
    def waiting(self) -> int:
        """About how many exchanges are not judged yet."""
        return self._waiting.qsize()

    async def has_room(self) -> None:
        """Wait until there is room for the exchange of another request."""
        self.delayed += self._is_full
        while self._is_full:
            await asyncio.sleep(_LOOK_AGAIN)

    def add(self, exchange: Exchange) -> None:
        """Hand over an exchange; returns at once."""
        self._added += _size(exchange)
        self._waiting.put(exchange)

    def finish(self) -> None:
        """Wait for the last exchange, and write the page. Raises what stopped the thread."""
        self._waiting.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error
        self._write_page()

    def _work(self) -> None:
        try:
            while (exchange := self._waiting.get()) is not None:
                self._judge.observe(exchange)
                self._har.add(exchange)
                self._done += _size(exchange)
                if time.monotonic() - self._written_at > _PAGE_EVERY:
                    self._write_page()
        except BaseException as error:
            self._error = error
            self._failed(error)

    @property
    def _is_full(self) -> bool:
        return self._added - self._done > MOST_WAITING and self._error is None

    def _write_page(self) -> None:
        self._written_at = time.monotonic()
        page = render_traffic(self._title, self._judge.exchanges, self._judge.faults)
        self._page.write_text(page, encoding="utf-8")


def _size(exchange: Exchange) -> int:
    sent, response = exchange.request.body or b"", exchange.response
    return _OVERHEAD + len(sent) + (len(response.body) if response else 0)


_MEANINGS = {
    Party.CLIENT: "What the client does that the contract does not allow.",
    Party.TARGET: "What the target answers that breaks its contract.",
    Party.DRIFT: "What the target answers beyond its contract.",
}


def render_traffic(title: str, exchanges: int, faults: Sequence[TrafficFault]) -> str:
    """The page about so many exchanges and the faults in them."""
    sides = [(side, _MEANINGS[side], [fault for fault in faults if fault.side is side]) for side in Party]
    return render_page(_TEMPLATE, title=title, exchanges=exchanges, sides=sides, counts=verdict_of(faults), har=HAR)
