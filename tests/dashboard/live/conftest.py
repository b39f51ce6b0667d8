"""A dashboard with small pages of its own, a real broker, a plant that speaks, and a real Chromium."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from dash import Dash, html
from live_plant import LivePlant
from playwright.sync_api import Browser, BrowserContext
from prometheus_client import CollectorRegistry
from screens import FORMER, KILN, tiny
from servers.processes import free_port, until
from servers.tabs import Tab
from wires import Wire

from dashboard import language, page, theme
from dashboard.app import create_app
from dashboard.components.data_age import data_age
from dashboard.components.link import link
from dashboard.components.live_bar import live_bar
from dashboard.components.live_graph import live_graph
from dashboard.components.live_scope import live_scope
from dashboard.components.live_state import live_state
from dashboard.components.live_value import live_value
from dashboard.components.shell_header import page_header
from dashboard.components.sparkline import sparkline
from dashboard.live.store import LiveStore
from dashboard.page import Navigation, View
from dashboard.server import ServerConfig, serve
from dashboard.services import Services
from plant.historian.memory import MemoryHistorian
from plant.model.tags import TagTable
from plant.mqtt.address import BrokerAddress

OFFSET_MS = 10_800_000


def now_ms() -> int:
    """The time now, UTC ms."""
    return time.time_ns() // 1_000_000


async def _kiln(view: View) -> Any:
    """Every kind of live component, about one unit."""
    tag = view.services.tags.by_path
    temperature = tag(f"{KILN}/temperature")
    alpha = view.services.enterprise.site("alpha")
    return live_scope(
        [
            page_header(view, "Печь"),
            live_value(view, temperature),
            live_state(view, temperature.unit, since=True),
            live_bar(view, temperature),
            sparkline(view, temperature, [(view.now - 60_000, 150.0)]),
            data_age(view, alpha),
            link("→", "/site/beta", "to-beta"),
        ],
        alpha,
    )


async def _site(view: View) -> Any:
    """The former of alpha on a page of another path: its value comes with a scope of its own."""
    assert view.site is not None
    rate = view.services.tags.by_path(f"{FORMER}/speed")
    alpha = view.services.enterprise.site("alpha")
    return live_scope([html.H1(view.site.name[language.current()]), live_value(view, rate)], alpha)


async def _graph(view: View) -> Any:
    """A graph that goes on."""
    start = view.now - 60_000 + OFFSET_MS
    figure = {
        "data": [{"type": "scatter", "x": [start], "y": [150.0], "line": {"shape": "hv"}}],
        "layout": {
            "template": theme.plotly_template(),
            "xaxis": {"type": "date", "range": [start, view.now + OFFSET_MS]},
        },
    }
    graph = live_graph("graph", figure, {f"{KILN}/temperature": 0}, OFFSET_MS)
    return live_scope(graph, view.services.enterprise.site("alpha"))


def _page(path: str, icon: str, layout: Callable[[View], Any]) -> page.Page:
    def register(app: Dash, services: Services) -> None:
        """It needs no callbacks."""

    navigation = Navigation("nav.overview", icon) if "<" not in path else None
    return SimpleNamespace(  # type: ignore[return-value]  # a module in real life
        PATH=path, NAVIGATION=navigation, title=lambda view: f"df {view.path}", layout=layout, register=register
    )


PAGES = (_page("/", "overview", _kiln), _page("/site/<site>", "sites", _site), _page("/graph", "trend", _graph))


class Served:
    """A dashboard on an event loop of its own thread, behind a wire that can be cut."""

    def __init__(self, broker: BrokerAddress) -> None:
        self._broker = broker
        self._inner = free_port()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self.wire = Wire(free_port(), self._inner)
        self.loop: asyncio.AbstractEventLoop
        self.stop_event: asyncio.Event

    @property
    def url(self) -> str:
        """Of the first page, through the wire."""
        return f"http://127.0.0.1:{self.wire.port}"

    def start(self) -> None:
        """Serve a fresh run of the dashboard."""
        self._ready.clear()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        """End it in good order."""
        self.loop.call_soon_threadsafe(self.stop_event.set)
        assert self._thread is not None
        self._thread.join(20)

    def do(self, what: Callable[[], Any]) -> None:
        """Run a coroutine of the wire on its loop."""
        asyncio.run_coroutine_threadsafe(what(), self.loop).result(10)

    async def _run(self) -> None:
        self.loop, self.stop_event = asyncio.get_running_loop(), asyncio.Event()
        enterprise = tiny()
        tags = TagTable(enterprise)
        self.services = Services(enterprise, tags, MemoryHistorian(tags), LiveStore(now_ms), now_ms)
        app = create_app(self.services, self._broker, pages=PAGES, registry=CollectorRegistry())
        await self.wire.open()
        self._ready.set()
        await serve(ServerConfig(port=self._inner), app, self.stop_event)
        await self.wire.cut()


@pytest.fixture
def served(mosquitto: BrokerAddress) -> Iterator[Served]:
    """A running dashboard on a broker of its own."""
    server = Served(mosquitto)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def plant(mosquitto: BrokerAddress, served: Served) -> Iterator[LivePlant]:
    """A plant that has said everything once, and the dashboard has heard it."""
    with LivePlant(tiny(), mosquitto) as speaking:
        speaking.say_all(now_ms())
        until(lambda: served.services.live.value(f"{KILN}/temperature") is not None, "the dashboard hears the plant")
        yield speaking


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser without history or cookies."""
    fresh = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield fresh
    fresh.close()


@pytest.fixture
def look(context: BrowserContext, served: Served) -> Tab:
    """A tab of the dashboard behind the wire."""
    return Tab(context.new_page(), f"127.0.0.1:{served.wire.port}")
