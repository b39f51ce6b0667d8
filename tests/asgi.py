"""Talks to an ASGI application in memory: lifespan, requests and websockets, without a server or a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import brotli
import orjson
from starlette.types import ASGIApp, Message

HOST = "plant.test"
TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `headers` in lower case, cookies in `cookies` as they were set, `body` decompressed."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    raw: bytes

    @property
    def body(self) -> bytes:
        """The body as it was before compression."""
        return brotli.decompress(self.raw) if self.headers.get("content-encoding") == "br" else self.raw

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[ASGIApp]:
    """The application between its start-up and its shutdown."""
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    outbox: asyncio.Queue[Message] = asyncio.Queue()
    task = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await _first(outbox, task))["type"] == "lifespan.startup.complete"
    yield app
    await inbox.put({"type": "lifespan.shutdown"})
    assert (await _first(outbox, task))["type"] == "lifespan.shutdown.complete"
    await task


async def request(
    app: ASGIApp, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, json: Any = None
) -> Answer:
    """One request and its whole answer."""
    body = b"" if json is None else orjson.dumps(json)
    sent = {"content-type": "application/json"} if json is not None else {}
    messages: list[Message] = []

    asked = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        for message in asked:
            return message
        await asyncio.Event().wait()  # the client stays
        raise AssertionError

    async def send(message: Message) -> None:
        messages.append(message)

    async with asyncio.timeout(TIMEOUT_S):
        await app(_scope("http", path, sent | dict(headers or {}), method=method), receive, send)
    rows = [(key.decode("latin-1").lower(), value.decode("latin-1")) for key, value in messages[0]["headers"]]
    cookies = tuple(value for key, value in rows if key == "set-cookie")
    raw = b"".join(message.get("body", b"") for message in messages[1:])
    return Answer(messages[0]["status"], dict(rows), cookies, raw)


@dataclass
class Socket:
    """One websocket; `closed` is its close code once the application has closed it."""

    inbox: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    outbox: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    accepted: bool = False
    closed: int | None = None

    async def send(self, text: str) -> None:
        """Say something."""
        await self.inbox.put({"type": "websocket.receive", "text": text})

    async def next(self) -> Any:
        """The next JSON message; None when the application has closed."""
        while True:
            async with asyncio.timeout(TIMEOUT_S):
                message = await self.outbox.get()
            if message["type"] == "websocket.accept":
                self.accepted = True
            elif message["type"] == "websocket.close":
                self.closed = message["code"]
                return None
            else:
                return orjson.loads(message["text"])


@asynccontextmanager
async def websocket(app: ASGIApp, path: str, headers: Mapping[str, str]) -> AsyncIterator[Socket]:
    """A websocket for the length of the block; then it disconnects."""
    socket = Socket()
    await socket.inbox.put({"type": "websocket.connect"})
    task = asyncio.create_task(app(_scope("websocket", path, headers), socket.inbox.get, socket.outbox.put))
    try:
        yield socket
    finally:
        await socket.inbox.put({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(TIMEOUT_S):
            await task


def _scope(kind: str, path: str, headers: Mapping[str, str], **more: Any) -> dict[str, Any]:
    parts = urlsplit(path)
    rows = {"host": HOST, **{key.lower(): value for key, value in headers.items()}}
    return {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(key.encode("latin-1"), value.encode("latin-1")) for key, value in rows.items()],
        "server": (HOST, 80),
        "client": ("127.0.0.1", 50_000),
        "subprotocols": [],
        "extensions": {},
        **more,
    }


async def _first(outbox: asyncio.Queue[Message], task: asyncio.Task[None]) -> Message:
    """What the application says first; its exception if it ends instead."""
    said = asyncio.create_task(outbox.get())
    async with asyncio.timeout(TIMEOUT_S):
        done, _ = await asyncio.wait({said, task}, return_when=asyncio.FIRST_COMPLETED)
    if said not in done:
        said.cancel()
        await task
    return await said
