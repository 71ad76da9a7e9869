"""A real HTTP server on a free port of loopback that answers as a function says."""

import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """A request as it came; `path` has the query, names of `headers` have any case, `port` is the client's."""

    method: str
    path: str
    headers: Message
    body: bytes
    port: int


@dataclass
class Sent:
    """An answer. `pieces` are sent in place of `content`, as they come, and end with the connection.

    With `is_lost` the connection is closed without an answer.
    """

    status: int = 200
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Iterable[bytes] | None = None
    is_lost: bool = False


def sent_json(value: Any, status: int = 200, **headers: str) -> Sent:
    """An answer with a JSON body."""
    return Sent(status, json.dumps(value).encode(), {"Content-Type": "application/json", **headers})


#: For `verify` of httpx: without TLS there is no need to load certificate authorities, which takes 20 ms.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def serving(answer: Callable[[Received], Sent], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve until the block ends, with `tls` by HTTPS; gives the base URL."""

    class LoopbackHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # One packet per answer, sent at once: a delayed acknowledgement costs 40 ms.
        wbufsize = -1
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sent = answer(Received(self.command, self.path, self.headers, body, self.client_address[1]))
            if sent.is_lost:
                self.close_connection = True
                return
            (self.send_response_only if "Date" in sent.headers else self.send_response)(sent.status)
            for name, value in sent.headers.items():
                self.send_header(name, value)
            if sent.pieces is not None:
                self.close_connection = True
            elif sent.status != 204:
                self.send_header("Content-Length", str(len(sent.content)))
            self.end_headers()
            # A client that has read enough hangs up.
            with suppress(ConnectionError):
                for piece in (sent.content,) if sent.pieces is None else sent.pieces:
                    self.wfile.write(b"" if self.command == "HEAD" else piece)
                self.wfile.flush()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_any  # noqa: N815 - http.server's

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), LoopbackHandler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
            server.handle_error = lambda *_: None  # type: ignore[method-assign] # A client that distrusts hangs up.
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
