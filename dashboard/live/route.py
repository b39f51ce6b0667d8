"""The websocket ``/live``: one per browser tab.

The tab says what it wants, at any time and again after each page change::

    {"epoch": "5f3a", "scopes": {"group": 17, "site/minsk": -1}}

and gets frames (`dashboard.live.frames`), the first of which is ``{"epoch": "5f3a"}``. The socket is accepted before
it is refused, so that the page learns why: 4403 is a foreign origin, 4400 a request that makes no sense.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.live.hub import Hub, Tab

SEND_TIMEOUT_S: Final = 10.0
BAD_REQUEST: Final = 4400
FOREIGN_ORIGIN: Final = 4403

log = structlog.get_logger(__name__)


def live_route(hub: Hub) -> Callable[[WebSocket], Awaitable[None]]:
    """The endpoint of a hub."""

    async def live(socket: WebSocket) -> None:
        await socket.accept()
        if not is_same_origin(socket.headers.get("origin"), socket.headers.get("host")):
            await socket.close(FOREIGN_ORIGIN)
            return
        with Tab(hub) as tab:
            await _serve(socket, hub, tab)

    return live


def is_same_origin(origin: str | None, host: str | None) -> bool:
    """Whether a page of ours asks; other pages' scripts may open websockets here too, browsers do not stop them."""
    return bool(origin and host) and urlsplit(origin or "").netloc == host


async def _serve(socket: WebSocket, hub: Hub, tab: Tab) -> None:
    """Send and listen until either ends."""
    tasks = {asyncio.create_task(_send(socket, hub, tab)), asyncio.create_task(_listen(socket, tab))}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        error = task.exception()
        if error is not None and not isinstance(error, (WebSocketDisconnect, TimeoutError, OSError)):
            raise error


async def _send(socket: WebSocket, hub: Hub, tab: Tab) -> None:
    await socket.send_text(orjson.dumps({"epoch": hub.epoch}).decode())
    while True:
        for message in tab.pending():
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await socket.send_text(message)
        tab.drop_backlog()
        await hub.next_tick()


async def _listen(socket: WebSocket, tab: Tab) -> None:
    while True:
        request = await socket.receive_text()
        try:
            body = orjson.loads(request)
            wanted = {str(scope): int(number) for scope, number in body["scopes"].items()}
            tab.watch(wanted, str(body.get("epoch", "")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.debug("live request refused", error=repr(error))
            await socket.close(BAD_REQUEST)
            return
