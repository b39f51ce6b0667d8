"""A served dashboard with the real pages over a tiny plant that has lived for two hours, and a real Chromium."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import synthetic
from playwright.sync_api import Browser
from prometheus_client import CollectorRegistry
from screens import tiny
from servers.processes import free_port
from servers.tabs import Tab

from dashboard.app import create_app
from dashboard.live.store import LiveStore
from dashboard.server import ServerConfig, serve
from dashboard.services import Services
from plant.historian.memory import MemoryHistorian
from plant.model.tags import TagTable

HOURS_MS = 2 * 3_600_000


def now_ms() -> int:
    """The time now, UTC ms."""
    return time.time_ns() // 1_000_000


class ServedPages:
    """The dashboard on a thread of its own; its values move once a second."""

    def __init__(self) -> None:
        self.enterprise = tiny()
        self.tags = TagTable(self.enterprise)
        self.services = Services(self.enterprise, self.tags, MemoryHistorian(self.tags), LiveStore(now_ms), now_ms)
        end = now_ms()
        past = synthetic.past(self.enterprise, self.tags, end - HOURS_MS, end)
        synthetic.fill(self.services.historian, self.tags, past)
        synthetic.show(self.services.live, self.enterprise, self.tags, past, end)
        self._port = free_port()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Serve until `stop`."""
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        """End it in good order."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = create_app(self.services, None, registry=CollectorRegistry())
        moving = asyncio.create_task(self._move())
        self._loop.call_later(0.2, self._ready.set)
        await serve(ServerConfig(port=self._port), app, self._stop)
        moving.cancel()

    async def _move(self) -> None:
        rng = np.random.default_rng(3)
        while True:
            synthetic.beat(self.services.live, self.enterprise, self.tags, now_ms())
            synthetic.stir(self.services.live, self.tags, now_ms(), rng, units=20)
            await asyncio.sleep(0.5)


@pytest.fixture(scope="module")
def served_pages() -> Iterator[ServedPages]:
    """One for the module; nothing in it is changed by looking."""
    server = ServedPages()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def tab(chromium: Browser, served_pages: ServedPages) -> Iterator[Callable[..., Tab]]:
    """Opens a page of the dashboard, in a fresh browser each time."""
    contexts = []

    def open_page(path: str, language: str = "ru", width: int = 1440, height: int = 900, **more: Any) -> Tab:
        context = chromium.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        context.add_cookies([{"name": "df_language", "value": language, "url": served_pages.url}])
        opened = Tab(context.new_page(), urlsplit(served_pages.url).netloc)
        opened.page.goto(served_pages.url + path)
        opened.page.wait_for_selector(".df-page-head")
        return opened

    yield open_page
    for context in contexts:
        context.close()
