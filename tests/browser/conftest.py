"""A real Chromium in front of the whole running system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from servers import factory as servers
from servers.factory import Factory
from servers.tabs import SIZES, Opener, Tab


@pytest.fixture(scope="session")
def gypsum(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Factory]:
    """The eight subdivisions with two hours of history, as a newcomer would see them."""
    factory = servers.start(tmp_path_factory.mktemp("gypsum") / "data", "--history", "2h")
    yield factory
    assert factory.stop() == 0


@pytest.fixture
def look(chromium: Browser) -> Iterator[Opener]:
    """Opens tabs of the running system, each in a browser profile of its own."""
    contexts = []

    def open_tab(
        factory: Factory,
        path: str = "/",
        *,
        size: str = "desktop",
        language: Literal["ru", "en"] = "ru",
        scheme: Literal["light", "dark"] = "light",
    ) -> Tab:
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        contexts.append(context)
        context.add_cookies(
            [
                {"name": name, "value": value, "url": factory.url}
                for name, value in (("df_language", language), ("df_scheme", scheme))
            ]
        )
        tab = Tab(context.new_page(), urlsplit(factory.url).netloc)
        tab.page.goto(factory.url + path)
        return tab

    yield open_tab
    for context in contexts:
        context.close()


@pytest.fixture
def shots(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Folder for screenshots."""
    folder: Path = request.config.getoption("--shots") or tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder
