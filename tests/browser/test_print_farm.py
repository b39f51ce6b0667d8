"""Quite another enterprise on the same code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from servers import factory as servers
from servers.factory import Factory
from servers.tabs import Opener

pytestmark = pytest.mark.browser

OTHER_TRADE = re.compile(r"гипс|вяжущ|обжиг|gypsum|stucco|plaster|calcin", re.IGNORECASE)


@pytest.fixture(scope="module")
def print_farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Factory]:
    """Two workshops of a maker of 3D printers with two hours of history."""
    factory = servers.start(tmp_path_factory.mktemp("print-farm") / "data", "--model", "print-farm", "--history", "2h")
    yield factory
    assert factory.stop() == 0


@pytest.mark.parametrize("language", ["ru", "en"])
def test_two_workshops_and_no_word_of_the_other_trade(
    language: str, print_farm: Factory, look: Opener, shots: Path
) -> None:
    """Every page shows the workshops of the model; nothing on it comes from the gypsum group."""
    tab = look(print_farm, "/", language=language)
    links = tab.page.locator("main a[href^='/site/']")
    expect(links.first).to_be_visible()
    sites = sorted(set(links.evaluate_all("all => all.map(a => a.pathname)")))
    assert len(sites) == print_farm.health()["sites"] == 2
    for number, path in enumerate(("/", *sites, "/trends")):
        tab.page.goto(print_farm.url + path)
        expect(tab.page.locator(".df-page")).to_be_visible()
        expect(tab.page.locator("html")).to_have_attribute("data-link", "live")
        tab.page.wait_for_load_state("networkidle")
        tab.page.screenshot(path=shots / f"print-farm-{number}-{language}.png", full_page=True)
        assert not OTHER_TRADE.search(tab.page.inner_text("body"))
    assert not tab.errors
    assert not tab.strangers
