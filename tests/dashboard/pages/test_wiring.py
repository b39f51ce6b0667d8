"""The pages through the whole application: routes, layouts, callbacks, in both languages, with and without data."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
import synthetic
from asgi import request, running
from prometheus_client import CollectorRegistry
from screens import FORMER, KILN, NOW, HandClock, services
from starlette.types import ASGIApp

from dashboard import router
from dashboard.app import create_app
from dashboard.live.store import LiveStore
from dashboard.services import Services
from plant.errors import StoreUnavailableError
from plant.historian.memory import MemoryHistorian
from plant.model.load import load
from plant.model.tags import TagTable

HOUR_MS = 3_600_000
ADDRESSES = ("/", "/site/alpha", "/site/beta", "/trends", f"/trends?tags={KILN}/temperature,{FORMER}/speed")


@pytest.fixture(scope="module")
def lived() -> Services:
    """The tiny plant with two hours of history, live now."""
    parts = services(HandClock())
    made = synthetic.past(parts.enterprise, parts.tags, NOW - 2 * HOUR_MS, NOW)
    synthetic.fill(parts.historian, parts.tags, made)
    synthetic.show(parts.live, parts.enterprise, parts.tags, made, NOW)
    return parts


def talk(parts: Services, what: Callable[[ASGIApp], Awaitable[Any]]) -> Any:
    """Run the application for the length of a talk."""

    async def run() -> Any:
        async with running(create_app(parts, None, registry=CollectorRegistry())) as app:
            return await what(app)

    return asyncio.run(run())


async def callback(app: ASGIApp, outputs: list[str], changed: str, inputs: dict[str, Any], state: Any = None) -> Any:
    """Post what dash-renderer would; `outputs` and the keys of `inputs` and `state` are ``id.property``."""
    rows = [dict(zip(("id", "property"), output.rsplit(".", 1), strict=True)) for output in outputs]

    def parts(given: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"id": key.rsplit(".", 1)[0], "property": key.rsplit(".", 1)[1], "value": v} for key, v in given.items()
        ]

    body = {
        "output": outputs[0] if len(outputs) == 1 else f"..{'...'.join(outputs)}..",
        "outputs": rows[0] if len(rows) == 1 else rows,
        "inputs": parts(inputs),
        "state": parts(state or {}),
        "changedPropIds": [changed],
    }
    answer = await request(app, "/_dash-update-component", "POST", {"cookie": "df_language=en"}, body)
    assert answer.status == 200, answer.text
    return answer.json()["response"]


async def shown(app: ASGIApp, address: str, language: str = "ru") -> Any:
    """Everything that a page says, as dash-renderer gets it, with the HTML blocks as they are."""
    path, _, search = address.partition("?")
    body = {
        "output": f"{router.CONTENT}.children",
        "outputs": {"id": router.CONTENT, "property": "children"},
        "inputs": [
            {"id": router.LOCATION, "property": "pathname", "value": path},
            {"id": router.LOCATION, "property": "search", "value": f"?{search}" if search else ""},
        ],
        "changedPropIds": [f"{router.LOCATION}.pathname"],
    }
    answer = await request(app, "/_dash-update-component", "POST", {"cookie": f"df_language={language}"}, body)
    assert answer.status == 200, answer.text
    return answer.json()["response"][router.CONTENT]["children"]


def parts_of(node: Any, key: str) -> list[Any]:
    """Values of a property in a tree of components, however deep."""
    if isinstance(node, list):
        return [found for child in node for found in parts_of(child, key)]
    if not isinstance(node, dict):
        return []
    own = [node[key]] if key in node else []
    return own + [found for child in node.values() for found in parts_of(child, key)]


def blocks(page: Any) -> str:
    """The HTML blocks of a page."""
    return "".join(parts_of(page, "data-html"))


def words(page: Any) -> str:
    """What of a page is read: texts of components and of HTML blocks, without attributes and addresses."""
    texts = [part for child in parts_of(page, "children") for part in (child if isinstance(child, list) else [child])]
    return " ".join(part for part in texts if isinstance(part, str)) + unescape(re.sub(r"<[^>]*>", " ", blocks(page)))


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_there_in_both_languages(lived: Services, address: str, language: str) -> None:
    """Rendered, without a raw id on screen, and in its own language only."""
    page = talk(lived, lambda app: shown(app, address, language))
    said = words(page)
    assert len(said) > 60
    assert not re.search(r"alpha|board-1|kiln-1|good_total|EXECUTE", said)
    if language == "en":
        assert not re.search(r"[а-яё]", said)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_is_there_without_any_data(address: str) -> None:
    """An empty store and a silent plant: dashes and «no data», no error."""
    page = talk(services(), lambda app: shown(app, address, "en"))
    assert parts_of(page, "data-title")
    if "trends" not in address:
        assert "\u2014" in words(page)


def test_the_overview_keeps_the_trial_apart(lived: Services) -> None:
    """Alpha is named as not being in the group's figures; its lines stand on its own card."""
    page = talk(lived, lambda app: shown(app, "/", "en"))
    said = words(page)
    assert "Alpha: not in the figures of the group" in said
    assert "2 of 2 sites online" in said
    assert "Kiln line" in said


def test_the_overview_refreshes_its_figures(lived: Services) -> None:
    """The same blocks again, as HTML."""
    outputs = [f"overview-{part}.data-html" for part in ("group", "used", "cards")]
    inputs, state = {"overview-refresh.n_intervals": 1}, {f"{router.LOCATION}.search": "?period=day"}
    answer = talk(lived, lambda app: callback(app, outputs, "overview-refresh.n_intervals", inputs, state))
    assert "Board line" in answer["overview-cards"]["data-html"]


def test_a_site_refreshes_its_period(lived: Services) -> None:
    """Figures and course; the values are live by themselves."""
    state = {f"{router.LOCATION}.pathname": "/site/alpha", f"{router.LOCATION}.search": ""}
    inputs = {"site-refresh.n_intervals": 1}
    outputs = ["site-period.data-html"]
    answer = talk(lived, lambda app: callback(app, outputs, "site-refresh.n_intervals", inputs, state))
    assert "tl-strip" in answer["site-period"]["data-html"]


def test_all_metrics_of_a_unit_come_on_demand(lived: Services) -> None:
    """Each once but the command, texts too, with links to trends that keep the period; an unknown unit is a 404."""
    page = talk(lived, lambda app: request(app, f"/fragments/unit?unit={KILN}&search={quote('period=24h')}"))
    assert page.status == 200
    assert page.text.count("<tr>") == 1 + 12
    assert f"{quote(KILN, safe='')}%2Freset" not in page.text
    assert f"/trends?period=24h&amp;tags={quote(KILN, safe='')}%2Ftemperature" in page.text
    assert talk(lived, lambda app: request(app, "/fragments/unit?unit=no/such/unit/here")).status == 404


def test_a_value_of_a_site_leads_to_its_trend(lived: Services) -> None:
    """With the site in scope, so that the tree of the trend page opens there."""
    page = talk(lived, lambda app: request(app, f"/fragments/units?site=alpha&search={quote('period=24h')}")).text
    assert f"/trends?period=24h&amp;tags={quote(f'{KILN}/rate', safe='')}&amp;site=alpha" in page


def test_the_units_of_a_site_follow_by_themselves(lived: Services) -> None:
    """The page names their address, with its own period; an unknown site is a 404."""
    page = talk(lived, lambda app: shown(app, "/site/alpha?period=24h", "en"))
    (address,) = parts_of(page, "data-load")
    answer = talk(lived, lambda app: request(app, address, headers={"cookie": "df_language=en"}))
    assert answer.text.count("st-unit-row") == 2
    assert "Output rate" in answer.text
    assert not re.search(r"[а-яё]", re.sub(r"<[^>]*>", " ", answer.text))
    assert talk(lived, lambda app: request(app, "/fragments/units?site=nowhere")).status == 404


def test_the_map_comes_from_here(lived: Services) -> None:
    """One small picture, from our own origin, to be kept by the browser."""
    answer = talk(lived, lambda app: request(app, "/map/outline.svg"))
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "<path" in answer.text


class Away(MemoryHistorian):
    """A store that cannot be reached."""

    def span(self) -> tuple[int, int] | None:
        """Nobody answers."""
        raise StoreUnavailableError("the disk is gone")


def test_without_a_store_open_pages_keep_what_they_show(lived: Services) -> None:
    """Refreshes change nothing, fragments and downloads say 503 so that scripts ask again, new pages tell why."""
    parts = replace(lived, historian=Away(lived.tags))

    async def ask(app: ASGIApp) -> None:
        for address in ("/fragments/units?site=alpha", f"/trends.csv?tags={KILN}/rate&start={NOW - HOUR_MS}&end={NOW}"):
            assert (await request(app, address)).status == 503
        outputs = [f"overview-{part}.data-html" for part in ("group", "used", "cards")]
        state = {f"{router.LOCATION}.search": ""}
        inputs = {"overview-refresh.n_intervals": 1}
        refreshed = await callback(app, outputs, "overview-refresh.n_intervals", inputs, state)
        assert refreshed == {}
        assert "The historian is not available" in words(await shown(app, "/", "en"))

    talk(parts, ask)


def test_a_search_lists_links_that_add(lived: Services) -> None:
    """What is chosen already stays chosen."""
    inputs = {"trends-search.value": "temperature"}
    state = {f"{router.LOCATION}.search": f"?tags={KILN}/rate"}

    async def find(app: ASGIApp) -> Any:
        body = {
            "output": "trends-list.children",
            "outputs": {"id": "trends-list", "property": "children"},
            "inputs": [
                {"id": "trends-search", "property": "value", "value": inputs["trends-search.value"]},
                [],
            ],
            "state": [{"id": router.LOCATION, "property": "search", "value": state[f"{router.LOCATION}.search"]}],
            "changedPropIds": ["trends-search.value"],
        }
        return await request(app, "/_dash-update-component", "POST", {"cookie": "df_language=en"}, body)

    answer = talk(lived, find)
    assert answer.status == 200
    assert "Alpha, Kiln line, Kiln: Temperature" in answer.text
    assert quote(f"{KILN}/rate,{KILN}/temperature", safe="") in answer.text


def test_a_zoom_asks_again_at_its_resolution(lived: Services) -> None:
    """Ten minutes come in buckets of a second, as a patch of the points, with a table and a link that keep them."""
    outputs = ["trends-graph.figure", "trends-legend.children", "trends-actions.children"]
    moved = {"xaxis.range[0]": "2026-11-23 08:30:00", "xaxis.range[1]": "2026-11-23 08:40:00"}
    inputs = {"trends-graph.relayoutData": moved, "trends-refresh.n_clicks": 0}
    state = {f"{router.LOCATION}.search": f"?tags={KILN}/temperature"}
    answer = talk(lived, lambda app: callback(app, outputs, "trends-graph.relayoutData", inputs, state))
    operations = answer["trends-graph"]["figure"]["operations"]
    x = next(o["params"]["value"] for o in operations if o["location"] == ["data", 1, "x"])
    assert np.diff(x[:3]).tolist() == [1000.0, 1000.0]
    assert len(x) == 600
    assert "Keep this zoom" in str(answer["trends-actions"])


def test_a_trend_downloads_as_it_is_shown(lived: Services) -> None:
    """CSV in the language of the page; a request without tags has a heading only."""
    query = f"tags={KILN}/temperature&start={NOW - HOUR_MS}&end={NOW}"
    answer = talk(lived, lambda app: request(app, f"/trends.csv?{query}"))
    assert answer.headers["content-type"].startswith("text/csv")
    rows = answer.text.splitlines()
    assert rows[0].startswith("\ufeffВремя;Альфа, Печная линия, Печь: Температура, °C: Среднее")
    assert rows[1].startswith("2026-11-23T08:00:00+03:00;")
    assert len(talk(lived, lambda app: request(app, "/trends.csv")).text.splitlines()) == 1


def test_an_enterprise_of_another_kind_has_the_same_pages() -> None:
    """The maker of printers: pages of its own names, and no word about gypsum."""
    enterprise = load("print-farm")
    tags = TagTable(enterprise)
    parts = Services(enterprise, tags, MemoryHistorian(tags), LiveStore(lambda: NOW), lambda: NOW)
    made = synthetic.past(enterprise, tags, NOW - HOUR_MS, NOW)
    synthetic.fill(parts.historian, tags, made)
    synthetic.show(parts.live, enterprise, tags, made, NOW)

    async def all_pages(app: ASGIApp) -> str:
        addresses = ("/", "/trends", *(f"/site/{site.slug}" for site in enterprise.sites))
        return "".join([str(await shown(app, address, "ru")) for address in addresses])

    pages = talk(parts, all_pages)
    assert enterprise.sites[0].name.ru in pages
    assert not re.search(r"гипс|gypsum|вяжущ|stucco|plaster", pages, re.IGNORECASE)
