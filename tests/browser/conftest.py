"""A real Chromium in front of the whole running system."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from servers import factory as servers
from servers.factory import Factory

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


@dataclass
class Look:
    """One browser tab and what went wrong in it.

    Attributes:
        errors: Console errors and uncaught exceptions.
        strangers: Requests to another host than the dashboard's.
    """

    page: Page
    host: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self.host:
            self.strangers.append(request.url)


@pytest.fixture(scope="session")
def gypsum(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Factory]:
    """The eight subdivisions with two hours of history, as a newcomer would see them."""
    factory = servers.start(tmp_path_factory.mktemp("gypsum") / "data", "--history", "2h")
    yield factory
    assert factory.stop() == 0


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the session."""
    if shutil.which("chromium") is None:
        pytest.fail("chromium is not installed; `make test` installs it on Debian, elsewhere install it yourself")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


Opener = Callable[..., Look]


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
    ) -> Look:
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        contexts.append(context)
        context.add_cookies(
            [
                {"name": name, "value": value, "url": factory.url}
                for name, value in (("df_language", language), ("df_scheme", scheme))
            ]
        )
        tab = Look(context.new_page(), urlsplit(factory.url).netloc)
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
