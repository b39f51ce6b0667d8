"""What people do on the pages, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from screens import FORMER, KILN

pytestmark = pytest.mark.browser

Open = Callable[..., Any]
TREND = f"/trends?tags={KILN}/temperature,{FORMER}/speed&period=24h"
POINTS = "() => document.querySelector('.js-plotly-plot').data.map((trace) => trace.x.length)"


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
@pytest.mark.parametrize("path", ["/", "/site/alpha", "/trends", TREND])
def test_no_page_is_wider_than_its_screen(tab: Open, path: str, size: tuple[int, int]) -> None:
    """Nothing sticks out on a phone, nothing fails, nothing is asked of another host."""
    opened = tab(path, width=size[0], height=size[1])
    opened.page.wait_for_load_state("networkidle")
    wide = opened.page.evaluate(
        """() => [...document.querySelectorAll("main *")]
            .filter((e) => e.checkVisibility() && !e.closest("svg, .tr-legend") && e.clientWidth > 1)
            .filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className)"""
    )
    assert wide == []
    assert opened.errors == []
    assert opened.strangers == []


def test_from_the_group_to_a_trend_in_three_clicks(tab: Open) -> None:
    """Overview, site, unit with all of its metrics, trend of one: each by a click, the period kept."""
    page = tab("/?period=24h", "en").page
    page.click(".ov-card-name >> text=Alpha")
    expect(page).to_have_url(re.compile(r"/site/alpha\?period=24h"))
    row = page.locator(".st-unit", has_text="Kiln").first
    row.locator(".st-unit-name").click()
    expect(row.locator(".st-table tr")).to_have_count(13)
    row.locator(".st-table a", has_text="Temperature set point").click()
    expect(page).to_have_url(re.compile(r"/trends\?period=24h&tags=.*temperature_sp"))
    expect(page.locator(".tr-name")).to_have_text("Temperature set point")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()


def test_a_value_of_a_row_is_a_link_and_the_row_opens(tab: Open) -> None:
    """The same row does both; closing and opening again asks nothing anew."""
    page = tab("/site/alpha", "en").page
    row = page.locator(".st-unit", has_text="Kiln").first
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/fragments/" in request.url else None)
    for _ in range(3):
        row.locator(".st-unit-name").click()
    expect(row.locator(".st-table tr")).to_have_count(13)
    assert len(asked) == 1
    row.locator(".st-reading").first.click()
    expect(page).to_have_url(re.compile("/trends.*kiln%2Frate"))


def test_live_values_move_inside_the_html_blocks(tab: Open) -> None:
    """Blocks past React are as alive as the others."""
    page = tab("/site/alpha").page
    value = page.locator(f'[data-live="{KILN}/rate"] .df-number').first
    before = value.inner_text()
    expect(value).not_to_have_text(before)


def test_a_state_tells_its_times_when_pointed_at_and_by_keyboard(tab: Open) -> None:
    """The strip's segments say state, from, to and how long."""
    page = tab("/site/alpha?period=24h", "en").page
    segment = page.locator('.tl-part[data-kind="running"]').first
    assert re.search(r"^Running.*, .*–.*, \d", segment.get_attribute("data-tip") or "")
    segment.hover()
    shown = segment.evaluate("(e) => getComputedStyle(e, '::after').content")
    assert "Running" in shown


def test_a_search_finds_and_a_click_adds(tab: Open) -> None:
    """Typing lists tags of all sites; a click shows one more; the cross takes it away again."""
    page = tab(f"/trends?tags={KILN}/temperature", "en").page
    page.fill("#trends-search", "beta power")
    page.locator("#trends-list .tr-tag", has_text="Power").first.click()
    expect(page.locator(".tr-name")).to_have_text(["Temperature", "Power"])
    page.locator(".tr-remove").first.click()
    expect(page.locator(".tr-name")).to_have_text(["Power"])


def test_the_tree_opens_one_branch_at_a_time(tab: Open) -> None:
    """Site, line, unit, tag; a click on an open branch closes it."""
    page = tab("/trends", "en").page
    for name in ("Alpha", "Kiln line", "Kiln"):
        page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#trends-list .tr-tag")).to_have_count(11)
    page.get_by_role("button", name="Kiln line", exact=True).click()
    expect(page.locator("#trends-list .tr-tag")).to_have_count(0)
    page.get_by_role("button", name="Alpha", exact=True).click()
    expect(page.locator("#trends-list .tr-node")).to_have_count(2)


def test_a_zoom_brings_finer_points(tab: Open) -> None:
    """Minutes over a day; where one has dragged over half an hour, a few seconds. A double click goes back."""
    page = tab(TREND, "en").page
    page.wait_for_selector(".js-plotly-plot .main-svg")
    step = "() => (x => x[1] - x[0])(document.querySelector('.js-plotly-plot')._fullData[1].x)"
    assert page.evaluate(step) == 120_000
    plot = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    assert plot is not None
    right, middle = plot["x"] + plot["width"], plot["y"] + plot["height"] / 2
    page.mouse.move(right - 0.04 * plot["width"], middle)
    page.mouse.down()
    page.mouse.move(right - 0.01 * plot["width"], middle, steps=5)
    page.mouse.up()
    page.wait_for_function(f"() => ({step})() < 10_000")
    expect(page.locator("#trends-actions")).to_contain_text("Keep this zoom")
    page.mouse.dblclick(right - plot["width"] / 2, middle)
    page.wait_for_function(f"() => ({step})() === 120_000")
    expect(page.locator("#trends-actions")).not_to_contain_text("Keep this zoom")


def test_the_graph_goes_on_at_its_right_edge(tab: Open) -> None:
    """New values come in by the live path, in the line and not in the band."""
    page = tab(TREND).page
    page.wait_for_selector(".js-plotly-plot .main-svg")
    before = page.evaluate(POINTS)
    page.wait_for_function(f"(before) => ({POINTS})()[1] > before", arg=before[1])
    assert page.evaluate(POINTS)[0] == before[0]


def test_the_download_is_what_is_shown(tab: Open) -> None:
    """A file with a name, in the language of the page."""
    page = tab(TREND).page
    with page.expect_download() as download:
        page.get_by_text("Скачать CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    assert download.value.path().read_bytes().startswith("\ufeffВремя;".encode())


def test_an_unknown_site_is_a_404_page(tab: Open) -> None:
    """It says so, with the way on."""
    page = tab("/", "en").page
    page.goto(page.url + "site/nowhere")
    expect(page.locator(".df-notice")).to_contain_text("There is no such page")
