import asyncio
from collections.abc import Awaitable, Callable

import orjson
import pytest
from asgi import HOST, Socket, running, websocket
from screens import KILN, NOW, HandClock, services

from dashboard.app import create_app
from dashboard.live import route
from dashboard.live.hub import Hub, Tab
from dashboard.live.scopes import scopes
from plant.messages import Value, ValuesMessage
from plant.readings import GOOD

OURS = {"origin": f"http://{HOST}"}


def _talk(headers: dict[str, str], talk: Callable[[Socket], Awaitable[None]]) -> Socket:
    """Open the socket of an app whose store holds one value, and talk."""

    async def run() -> Socket:
        parts = services()
        parts.live.put_values(KILN, ValuesMessage(NOW, {"temperature": Value(150.0, NOW, GOOD)}))
        async with running(create_app(parts, None)) as app, websocket(app, "/live", headers) as socket:
            await talk(socket)
        return socket

    return asyncio.run(run())


def test_a_page_of_ours_gets_the_epoch_and_a_snapshot() -> None:
    """The first message names the run of the server; what is asked for comes as a whole."""

    async def talk(socket: Socket) -> None:
        assert set(await socket.next()) == {"epoch"}
        await socket.send('{"epoch": "", "scopes": {"site/alpha": -1}}')
        while "scope" not in (frame := await socket.next()):
            pass
        assert frame["v"][KILN]["temperature"][0] == 150.0
        assert frame["full"] == 1

    _talk(OURS, talk)


@pytest.mark.parametrize("origin", [None, "http://evil.example", f"http://{HOST}.evil.example", "null"])
def test_a_foreign_page_is_told_so_and_gets_nothing(origin: str | None) -> None:
    """A socket from another origin is accepted, so that its page learns why, and closed with 4403 at once."""

    async def talk(socket: Socket) -> None:
        assert await socket.next() is None

    socket = _talk({"origin": origin} if origin else {}, talk)
    assert (socket.accepted, socket.closed) == (True, route.FOREIGN_ORIGIN)


@pytest.mark.parametrize("nonsense", ["nonsense", "{}", '{"scopes": []}', '{"scopes": {"group": "x"}}', "[]"])
def test_a_request_that_makes_no_sense_ends_the_connection(nonsense: str) -> None:
    """Nonsense is answered with 4400."""

    async def talk(socket: Socket) -> None:
        await socket.send(nonsense)
        while await socket.next() is not None:
            pass

    assert _talk(OURS, talk).closed == route.BAD_REQUEST


class StuckSocket:
    """A peer that takes no more bytes."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send_text(self, text: str) -> None:
        """Take the greeting, then nothing any more."""
        self.sent.append(text)
        if len(self.sent) > 1:
            await asyncio.Event().wait()


def test_a_stuck_peer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A send that does not end in its time ends the connection instead of holding frames for ever."""
    monkeypatch.setattr(route, "SEND_TIMEOUT_S", 0.05)
    parts = services()

    async def send() -> StuckSocket:
        hub = Hub(parts.live, scopes(parts.enterprise), ("alpha", "beta"), HandClock(), "run")
        socket = StuckSocket()
        with Tab(hub) as tab:
            tab.watch({"group": -1}, "")
            with pytest.raises(TimeoutError):
                await route._send(socket, hub, tab)  # type: ignore[arg-type]
        return socket

    assert orjson.loads(asyncio.run(send()).sent[0]) == {"epoch": "run"}


def test_only_the_very_host_is_the_same_origin() -> None:
    """Scheme aside, host and port must be those that were asked."""
    assert route.is_same_origin("https://plant.example:8050", "plant.example:8050")
    assert not route.is_same_origin("https://plant.example", "plant.example:8050")
    assert not route.is_same_origin("", "")
    assert not route.is_same_origin(None, None)
