"""Fills the cache before the first visitor comes: reading and compressing all bundles takes a busy machine a second."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

from starlette.types import ASGIApp, Message

ADDRESS: Final = re.compile(r'(?:src|href)="(/[^"]+)"')

LAYOUT: Final = "/_dash-layout"
"""Kept by nobody, but the first one makes Dash load half a second of modules."""


async def warm(app: ASGIApp, stop: asyncio.Event) -> None:
    """Ask `app` for the index document and all that it names, as a browser would, and throw the answers away.

    Ends early once `stop` is set.
    """
    document = await _get(app, "/")
    for address in [LAYOUT, *ADDRESS.findall(document.decode())]:
        if not stop.is_set():
            await _get(app, address)


async def _get(app: ASGIApp, address: str) -> bytes:
    path, _, query = address.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "server": ("localhost", 80),
        "client": None,
    }
    pieces: list[bytes] = []

    request = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in request:
            return message
        await asyncio.Event().wait()  # we do not leave before the answer has come
        raise AssertionError

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            pieces.append(message.get("body", b""))

    await app(scope, receive, send)
    return b"".join(pieces)
