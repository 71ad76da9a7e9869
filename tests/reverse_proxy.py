"""A reverse proxy on loopback that may change the answers on their way back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


@dataclass
class Passing:
    """An answer on its way back."""

    status: int
    headers: dict[str, str]
    content: bytes


Change = Callable[[str, str, Passing], None]
"""Changes the answer to a method and path."""


@contextmanager
def reverse_proxy(upstream: str, change: Change) -> Iterator[str]:
    """Forward to `upstream` from a free port of loopback; gives the base URL."""
    client = httpx.Client(base_url=upstream, timeout=60, trust_env=False)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # One packet per answer, sent at once: a delayed acknowledgement costs 40 ms.
        wbufsize = -1
        disable_nagle_algorithm = True

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_FORWARDED}
            headers |= {"X-Forwarded-Host": self.headers["Host"], "X-Forwarded-Proto": "http"}
            response = client.request(self.command, self.path, content=body, headers=headers)
            kept = {name: value for name, value in response.headers.items() if name not in _NOT_PASSED}
            passing = Passing(response.status_code, kept, response.content)
            change(self.command, self.path, passing)
            self.send_response(passing.status)
            for name, value in passing.headers.items():
                self.send_header(name, value)
            if passing.status != 204:
                self.send_header("Content-Length", str(len(passing.content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(passing.content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = forward  # noqa: N815 - http.server's

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        client.close()


_NOT_PASSED = frozenset({"content-length", "connection", "transfer-encoding", "date", "server"})
_NOT_FORWARDED = frozenset({"host", "content-length", "connection", "accept-encoding"})
