"""The live path in a real Chromium, against a real broker."""

import statistics
import time
from typing import Any

import pytest
from live_plant import LivePlant, site_health, unit_state
from playwright.sync_api import BrowserContext, Page, expect
from screens import FORMER, KILN, tiny

from plant.model.enterprise import Unit
from plant.namespace import Contract
from plant.packml import State

pytestmark = [pytest.mark.browser, pytest.mark.broker]

POINTS = "() => (p => p.x.map((x, i) => [x, p.y[i]]))(document.querySelector('.js-plotly-plot').data[0])"
VALUE = f'[data-live="{KILN}/temperature"]'
STATE = f'[data-live-state="{KILN}"]'


def now_ms() -> int:
    """The time now, UTC ms."""
    return time.time_ns() // 1_000_000


def _unit(path: str) -> Unit:
    return next(unit for unit in tiny().units if "/".join(unit.path) == path)


def _say(plant: LivePlant, value: float, unit: str = KILN, metric: str = "temperature") -> None:
    """A new value, and that its site is well."""
    site = plant.enterprise.site("alpha")
    plant.publish((site.slug,), Contract.HEALTH, site_health(site, now_ms()))
    plant.say_value(_unit(unit), now_ms(), **{metric: value})


def _open(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("html")).to_have_attribute("data-link", "live")
    expect(page.locator(".df-page")).to_be_visible()


def test_values_states_and_bars_change_by_themselves(served: Any, plant: LivePlant, look: Any) -> None:
    """A value, a state and a bar change on the open page without any request but the websocket, in Russian format."""
    page = look.page
    _open(page, served.url)
    _say(plant, 1155.25)
    expect(page.locator(f"{VALUE} .df-number")).to_have_text("1\u202f155,3")
    expect(page.locator(VALUE)).to_have_attribute("data-quality", "good")
    plant.publish(_unit(KILN).path, Contract.STATE, unit_state(State.ABORTED, now_ms(), now_ms() - 120_000))
    expect(page.locator(f"{STATE} .df-state-text")).to_have_text("Авария")
    expect(page.locator(STATE)).to_have_attribute("data-kind", "fault")
    expect(page.locator(f"{STATE} .df-state-since")).to_have_text("2\u202fмин")
    _say(plant, 225.0)
    expect(page.locator(".df-meter")).to_have_css("--at", "0.7500")
    assert look.errors == []
    assert look.strangers == []


def test_a_line_that_stops_is_counted_in_the_side(served: Any, plant: LivePlant, look: Any) -> None:
    """The side shows how many lines of each site run, as the units say it."""
    page = look.page
    _open(page, served.url)
    counts = page.locator(".df-side .df-running").first
    expect(counts).to_have_text("2/2")
    plant.publish(_unit(FORMER).path, Contract.STATE, unit_state(State.STOPPED, now_ms(), now_ms()))
    expect(counts).to_have_text("1/2")


@pytest.mark.parametrize("kind", ["cut", "black hole", "restart"])
def test_a_lost_connection_is_seen_and_mended(served: Any, plant: LivePlant, look: Any, kind: str) -> None:
    """Cut, silent network or restart: within seconds the page says so and hatches its values, then it goes on."""
    page = look.page
    _open(page, served.url)
    _say(plant, 151.0)
    expect(page.locator(f"{VALUE} .df-number")).to_have_text("151,0")
    if kind == "cut":
        served.do(served.wire.cut)
    elif kind == "black hole":
        served.wire.silent = True
    else:
        served.stop()
    expect(page.locator("html")).to_have_attribute("data-link", "lost")
    expect(page.locator(".df-link-text")).to_contain_text("нет связи")
    expect(page.locator(VALUE)).to_have_attribute("data-quality", "stale")
    expect(page.locator(f"{VALUE} .df-age")).not_to_be_empty()
    _say(plant, 152.0)
    if kind == "cut":
        served.do(served.wire.open)
    elif kind == "black hole":
        served.wire.silent = False
    else:
        served.start()
    expect(page.locator("html")).to_have_attribute("data-link", "live")
    expect(page.locator(f"{VALUE} .df-number")).to_have_text("152,0")
    expect(page.locator(VALUE)).to_have_attribute("data-quality", "good")
    assert look.strangers == []


def test_a_site_that_goes_away_is_stale(served: Any, plant: LivePlant, look: Any) -> None:
    """When the source is lost its values are hatched with their age, its state is not known, its site is marked."""
    page = look.page
    _open(page, served.url)
    expect(page.locator(VALUE)).to_have_attribute("data-quality", "good")
    plant.lose(plant.enterprise.site("alpha"), now_ms() - 61_000)
    expect(page.locator(VALUE)).to_have_attribute("data-quality", "stale")
    expect(page.locator(f"{VALUE} .df-age")).to_have_text("1\u202fмин")
    expect(page.locator(STATE)).to_have_attribute("data-kind", "unknown")
    expect(page.locator('[data-live-age="alpha"]')).to_have_attribute("data-feed", "away")


def test_a_page_change_keeps_live(served: Any, plant: LivePlant, look: Any) -> None:
    """After a page change, forward and back, values go on over the same websocket; the document is not loaded again."""
    page = look.page
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    _open(page, served.url)
    page.evaluate("() => (window.stays = 1)")
    page.click(".to-beta")
    rate = page.locator(f'[data-live="{FORMER}/speed"] .df-number')
    expect(rate).to_be_visible()
    _say(plant, 4321.0, FORMER, "speed")
    expect(rate).to_have_text("4\u202f321,0")
    expect(page).to_have_title("df /site/beta")
    expect(page.locator('.df-side a[aria-current="page"]')).to_contain_text("Бета")
    page.go_back()
    _say(plant, 158.5)
    expect(page.locator(f"{VALUE} .df-number")).to_have_text("158,5")
    assert page.evaluate("() => window.stays") == 1
    assert len(sockets) == 1
    assert look.errors == []


def test_two_tabs_see_the_same(served: Any, plant: LivePlant, context: BrowserContext) -> None:
    """Two tabs live side by side, and one that is closed leaves nothing behind."""
    tabs = [context.new_page(), context.new_page()]
    for tab in tabs:
        _open(tab, served.url)
    _say(plant, 153.0)
    for tab in tabs:
        expect(tab.locator(f"{VALUE} .df-number")).to_have_text("153,0")
    tabs[0].close()
    _say(plant, 154.0)
    expect(tabs[1].locator(f"{VALUE} .df-number")).to_have_text("154,0")


def test_a_graph_goes_on_without_gap_or_double(served: Any, plant: LivePlant, look: Any) -> None:
    """Points come to the graph once each and in order, over a cut too, and its axis moves on with now."""
    page = look.page
    _open(page, f"{served.url}/graph")
    page.wait_for_function("() => document.querySelector('.js-plotly-plot')?.data?.[0]?.x")
    edge = "() => document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range[1]"
    before = page.evaluate(edge)
    for value in range(200, 203):
        _say(plant, float(value))
        _wait_for_point(page, value)
    served.do(served.wire.cut)
    expect(page.locator("html")).to_have_attribute("data-link", "lost")
    for value in range(203, 206):
        _say(plant, float(value))
        time.sleep(0.4)  # one frame each: the gap that must be filled
    served.do(served.wire.open)
    _wait_for_point(page, 205)
    points = page.evaluate(POINTS)
    values = [value for _, value in points if value >= 200]
    assert values == [200, 201, 202, 203, 204, 205]
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert page.evaluate(edge) != before
    assert look.strangers == []


def _wait_for_point(page: Page, value: float) -> None:
    page.wait_for_function("v => document.querySelector('.js-plotly-plot').data[0].y.at(-1) === v", arg=value)


def test_language_scheme_and_period_are_switched(served: Any, plant: LivePlant, look: Any) -> None:
    """Language and scheme are switched by buttons and stay; a period is chosen by link, by form and by keyboard."""
    page = look.page
    _open(page, served.url)
    page.click('.df-bar [data-cookie="df_language=en"]')
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(f"{STATE} .df-state-text")).to_have_text("Running")
    page.click('.df-bar [data-cookie="df_scheme=dark"]')
    expect(page.locator("html")).to_have_attribute("data-scheme", "dark")
    page.click("text=7 days")
    expect(page).to_have_url(f"{served.url}/?period=7d")
    expect(page.locator('[data-chosen="true"]')).to_have_text("7 days")
    page.locator(".df-period-custom summary").press("Enter")
    page.fill('input[name="from"]', "2026-11-20T08:00")
    page.fill('input[name="to"]', "2026-11-20T20:00")
    page.click("text=Show")
    expect(page.locator(".df-subtitle")).to_contain_text("20 Nov 08:00 – 20 Nov 20:00")
    page.click(".to-beta")
    expect(page).to_have_url(f"{served.url}/site/beta?period=custom&from=2026-11-20T08%3A00&to=2026-11-20T20%3A00")
    assert look.errors == []


def test_the_frame_works_on_a_phone_and_by_keyboard(served: Any, plant: LivePlant, look: Any) -> None:
    """On a phone the sites open from the bottom and close by Escape; the first tab stop skips to the content."""
    page = look.page
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, served.url)
    expect(page.locator("#shell-side")).not_to_be_visible()
    page.click(".df-tabs .df-menu")
    expect(page.locator("#shell-side")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shell-side")).not_to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.reload()
    expect(page.locator(".df-skip")).to_be_attached()
    page.keyboard.press("Tab")
    expect(page.locator(".df-skip")).to_be_focused()


def test_an_unknown_address_says_so(served: Any, look: Any) -> None:
    """An address without a page is a 404 and the shell offers a way on."""
    answer = look.page.goto(f"{served.url}/nope")
    assert answer is not None
    assert answer.status == 404
    expect(look.page.locator("h2").first).to_have_text("Подразделения")
    expect(look.page.locator(".df-notice h2")).to_have_text("Такой страницы нет")


def test_how_fast_a_value_gets_to_the_screen(served: Any, plant: LivePlant, look: Any) -> None:
    """From the broker to the screen a value takes less than half a second for 95 of 100; the figures are printed."""
    page = look.page
    _open(page, served.url)
    delays = []
    for value in range(300, 320):
        began = time.perf_counter()
        plant.say_value(_unit(KILN), now_ms(), temperature=float(value))
        page.wait_for_function(
            "([s, v]) => document.querySelector(s)?.textContent === v", arg=[f"{VALUE} .df-number", f"{value},0"]
        )
        delays.append((time.perf_counter() - began) * 1000)
    p95 = statistics.quantiles(delays, n=20)[-1]
    print(f"broker to screen: p50 {statistics.median(delays):.0f} ms, p95 {p95:.0f} ms")
    assert len(delays) == 20
