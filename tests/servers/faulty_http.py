"""A proxy before an HTTP server on loopback that does to requests what networks and busy servers do."""

from __future__ import annotations

import gzip
import http.client
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

UPSTREAM_S = 60.0
_OF_ONE_HOP = frozenset({"connection", "transfer-encoding", "content-length", "host", "date", "server"})


@dataclass(frozen=True)
class Message:
    """A request that came to the proxy.

    Attributes:
        target: Path and query.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """Without the query."""
        return urlsplit(self.target).path


@dataclass(frozen=True)
class Reply:
    """What the server, or the proxy in its place, answers."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Fault(Protocol):
    """What happens to requests."""

    def __call__(self, proxy: FaultyProxy, message: Message) -> Reply | None:
        """The answer; None cuts the connection."""
        ...


class FaultyProxy:
    """Passes everything on, as `fault` wants it.

    Args:
        upstream: Port of the server.

    Attributes:
        port: Where it listens while it is entered.
        fault: What happens to requests; None passes them on.
        seen: Requests that a fault has met.
    """

    def __init__(self, upstream: int) -> None:
        self.fault: Fault | None = None
        self.seen: list[Message] = []
        self.closing = threading.Event()
        self._upstream = upstream
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, message: Message) -> Reply | None:
        """What becomes of a request."""
        fault = self.fault
        if fault is None:
            return self.passed_on(message)
        self.seen.append(message)
        return fault(self, message)

    def passed_on(self, message: Message) -> Reply | None:
        """What the server says; None if it is not there."""
        connection = http.client.HTTPConnection("127.0.0.1", self._upstream, timeout=UPSTREAM_S)
        try:
            connection.request(message.method, message.target, message.body, _of_both(message.headers))
            answer = connection.getresponse()
            return Reply(answer.status, _of_both(dict(answer.getheaders())), answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


@dataclass(frozen=True)
class Answering:
    """Always the same answer, and the server is not asked."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, _proxy: FaultyProxy, _message: Message) -> Reply:
        """See `Fault`."""
        return Reply(self.status, self.headers, b'{"error": "out of order"}\n')


@dataclass(frozen=True)
class Late:
    """The server does its work, its answer comes so many seconds late."""

    seconds: float

    def __call__(self, proxy: FaultyProxy, message: Message) -> Reply | None:
        """See `Fault`."""
        reply = proxy.passed_on(message)
        proxy.closing.wait(self.seconds)
        return reply


@dataclass(frozen=True)
class HalfThenCut:
    """Of what is posted to `path` the server gets the first half of the lines, then the connection is cut."""

    path: str

    def __call__(self, proxy: FaultyProxy, message: Message) -> Reply | None:
        """See `Fault`."""
        if message.path != self.path:
            return proxy.passed_on(message)
        headers = {name: value for name, value in message.headers.items() if name.lower() != "content-encoding"}
        lines = (gzip.decompress(message.body) if len(headers) < len(message.headers) else message.body).split(b"\n")
        half = b"\n".join(lines[: len(lines) // 2])
        if half:
            proxy.passed_on(Message(message.method, message.target, headers, half))
        return None


def _of_both(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers that mean the same on both sides of the proxy."""
    return {name: value for name, value in headers.items() if name.lower() not in _OF_ONE_HOP}


def _handler(proxy: FaultyProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply = proxy.answer(Message(self.command, self.path, dict(self.headers), body))
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != http.HTTPStatus.NO_CONTENT:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PATCH = do_HEAD = _serve  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
