"""Browser tabs of the running system that remember what went wrong in them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

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
PATIENCE_MS = 60_000
"""How long a tab may take to show what a test waits for, on a machine that does other things too."""
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


@dataclass
class Tab:
    """One browser tab.

    Attributes:
        host: Host and port of the dashboard.
        errors: Console errors and warnings, and uncaught exceptions.
        strangers: Requests to anywhere but the dashboard.
    """

    page: Page
    host: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self.host:
            self.strangers.append(request.url)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; its thread has a running event loop meanwhile, so keep it to one test module."""
    if shutil.which("chromium") is None:
        pytest.fail("chromium is not installed; `make test` installs it on Debian, elsewhere install it yourself")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


Opener = Callable[..., Tab]
"""``look(factory, path, size=..., language=..., scheme=...)``, a tab in a browser profile of its own."""
