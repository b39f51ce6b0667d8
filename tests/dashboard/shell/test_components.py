from typing import Any

import pytest
from dash.development.base_component import Component
from live_plant import unit_state
from screens import FORMER, KILN, NOW, services

from dashboard import language, theme
from dashboard.components.data_age import data_age
from dashboard.components.live_bar import has_bar, live_bar
from dashboard.components.live_graph import live_graph
from dashboard.components.live_scope import live_scope
from dashboard.components.live_state import live_state
from dashboard.components.live_value import live_value
from dashboard.components.shell import shell
from dashboard.components.shell_header import page_header, window_text
from dashboard.components.shell_period import period_picker
from dashboard.components.shell_scope import scope_picker
from dashboard.components.sparkline import sparkline
from dashboard.page import View
from dashboard.services import Services
from plant.messages import Value, ValuesMessage
from plant.model.enterprise import Unit
from plant.model.tags import Tag, text_tags
from plant.packml import Mode, State
from plant.readings import GOOD, STALE


@pytest.fixture
def parts() -> Services:
    """Services with one unit that has spoken."""
    return services()


def _view(parts: Services, path: str = "/", parts_of_path: dict[str, str] | None = None, **query: str) -> View:
    return View(parts, path, parts_of_path or {}, {key: (value,) for key, value in query.items()}, NOW)


def _tag(parts: Services, metric: str) -> Tag:
    return parts.tags.by_path(f"{KILN}/{metric}")


def _kiln(parts: Services) -> Unit:
    return _tag(parts, "temperature").unit


def _say(parts: Services, value: float | str | None, quality: int = GOOD, metric: str = "temperature") -> None:
    parts.live.put_values(KILN, ValuesMessage(NOW, {metric: Value(value, NOW, quality)}))


def _props(component: Component) -> dict[str, Any]:
    return dict(component.to_plotly_json()["props"])


def _texts(component: Any) -> list[str]:
    """All strings that a component shows, in order."""
    if isinstance(component, str):
        return [component]
    if isinstance(component, list | tuple):
        return [words for part in component for words in _texts(part)]
    return _texts(getattr(component, "children", None) or []) if isinstance(component, Component) else []


def _all(component: Any, attribute: str) -> list[Component]:
    """Components under this one that carry an attribute."""
    if isinstance(component, list | tuple):
        return [found for part in component for found in _all(part, attribute)]
    if not isinstance(component, Component):
        return []
    own = [component] if attribute in _props(component) else []
    return own + _all(getattr(component, "children", None) or [], attribute)


def test_a_value_is_shown_with_its_unit_and_marked_for_the_script(parts: Services) -> None:
    """The number has the decimals of its metric and the unit's name in the language; the script finds its path."""
    _say(parts, 1155.25)
    shown = live_value(_view(parts), _tag(parts, "temperature"))
    assert _texts(shown) == ["1\u202f155,2", "\u202f°C"]
    props = _props(shown)
    assert (props["data-live"], props["data-decimals"], props["data-quality"]) == (f"{KILN}/temperature", "1", "good")
    assert _texts(live_value(_view(parts), _tag(parts, "temperature"), unit=False)) == ["1\u202f155,2"]


@pytest.mark.parametrize(
    ("value", "quality", "shown"), [(5.0, STALE, "stale"), (5.0, 0, "bad"), (None, GOOD, "good"), (5.0, GOOD, "good")]
)
def test_quality_is_seen(parts: Services, value: float | None, quality: int, shown: str) -> None:
    """Stale and bad values are marked; a value that is missing is a dash and never a zero."""
    _say(parts, value, quality)
    component = live_value(_view(parts), _tag(parts, "temperature"))
    assert _props(component)["data-quality"] == shown
    assert _texts(component)[0] == ("\u2014" if value is None else "5,0")


def test_a_value_that_never_came_is_missing(parts: Services) -> None:
    """Before the first message there is a dash, marked as missing."""
    component = live_value(_view(parts), _tag(parts, "temperature"))
    assert (_props(component)["data-quality"], _texts(component)[0]) == ("missing", "\u2014")


def test_texts_are_shown_as_they_are(parts: Services) -> None:
    """A text metric, such as an order, is shown without number format or unit."""
    order = next(tag for tag in text_tags(parts.enterprise) if tag.path == f"{FORMER}/order")
    parts.live.put_values(FORMER, ValuesMessage(NOW, {"order": Value("З-17", NOW, GOOD)}))
    assert _texts(live_value(_view(parts), order)) == ["З-17"]


@pytest.mark.parametrize(
    ("state", "mode", "quality", "kind", "words"),
    [
        (State.EXECUTE, Mode.PRODUCTION, GOOD, "running", "Работа"),
        (State.ABORTED, Mode.PRODUCTION, GOOD, "fault", "Авария"),
        (State.STOPPED, Mode.MAINTENANCE, GOOD, "stopped", "Остановлен · ремонт"),
        (State.EXECUTE, Mode.PRODUCTION, STALE, "unknown", "Нет данных"),
    ],
)
def test_a_state_is_a_shape_and_words(
    parts: Services, state: State, mode: Mode, quality: int, kind: str, words: str
) -> None:
    """The state is told by kind (a shape) and in words; of a source that is away nothing is claimed."""
    parts.live.put_state(KILN, unit_state(state, NOW, NOW - 120_000, mode, quality))
    component = live_state(_view(parts), _kiln(parts), since=True)
    assert _props(component)["data-kind"] == kind
    assert _texts(component) == [words, "2\u202fмин"]


def test_a_state_without_words_still_speaks(parts: Services) -> None:
    """Without words the state is there for screen readers and as a tooltip."""
    component = live_state(_view(parts), _kiln(parts), words=False)
    assert "df-only-spoken" in str(component)
    assert _props(component)["title"] == "Нет данных"


def test_a_bar_places_value_and_normal_range_in_the_span(parts: Services) -> None:
    """155 of 0 to 300 lies at 0.5167, the normal range 150 to 160 around it; outside the span is at its edge."""
    _say(parts, 155.0)
    style = _props(live_bar(_view(parts), _tag(parts, "temperature")))["style"]
    assert style == {"--at": 0.5167, "--normal-low": 0.5, "--normal-high": 0.5333}
    _say(parts, 999.0)
    assert _props(live_bar(_view(parts), _tag(parts, "temperature")))["style"]["--at"] == 1.0


def test_a_bar_needs_a_span(parts: Services) -> None:
    """A counter has no span and no bar."""
    counter = _tag(parts, "gas_total")
    assert not has_bar(counter)
    with pytest.raises(ValueError, match="has_bar"):
        live_bar(_view(parts), counter)


def test_a_sparkline_carries_its_points_and_normal_range(parts: Services) -> None:
    """Points, span and normal range go to the script; no points is an empty list."""
    props = _props(sparkline(_view(parts), _tag(parts, "temperature"), [(1, 5.5), (2, None)], 1_000))
    assert (props["data-points"], props["data-span"], props["data-normal-low"]) == ("[[1,5.5],[2,null]]", 1_000, 150)
    assert _props(sparkline(_view(parts), _tag(parts, "temperature"), []))["data-points"] == "[]"


def test_a_graph_says_which_traces_go_on(parts: Services) -> None:
    """Each tag path has a list of traces, and the graph has the one configuration."""
    wrapper = live_graph("g", {}, {f"{KILN}/temperature": 0, f"{KILN}/power": [1, 2]}, 10_800_000, "again")
    props = _props(wrapper)
    assert props["data-live-graph"] == f'{{"{KILN}/temperature":[0],"{KILN}/power":[1,2]}}'
    assert (props["data-offset"], props["data-refresh"]) == (10_800_000, "again")
    assert _props(props["children"])["config"] == theme.graph_config()


def test_ages_and_scopes_name_their_sites(parts: Services) -> None:
    """The script finds the site of an age and the scopes of a page."""
    alpha = parts.enterprise.site("alpha")
    props = _props(data_age(_view(parts), alpha))
    assert (props["data-live-age"], props["data-feed"]) == ("alpha", "away")
    assert _props(live_scope([], *parts.enterprise.sites))["data-live-scope"] == "site/alpha site/beta"


def test_the_period_picker_marks_the_current_one_and_keeps_the_rest(parts: Services) -> None:
    """Each period is a link that keeps the rest of the address; exactly one is marked."""
    picker = period_picker(_view(parts, "/trends", period="7d", tag="x"))
    links = [_props(found)["href"] for found in _all(picker, "href")]
    assert links == [f"/trends?period={name}&tag=x" for name in ("shift", "day", "24h", "7d")]
    chosen = [_texts(found) for found in _all(picker, "data-chosen") if _props(found)["data-chosen"] == "true"]
    assert chosen == [["7 дней"]]


def test_the_custom_period_starts_from_what_is_shown(parts: Services) -> None:
    """The fields of another period are filled with the current one in the plant's own time."""
    [fields] = _all(period_picker(_view(parts)), "data-period-form")
    props = _props(fields)
    assert (props["data-from"], props["data-to"]) == ("2026-11-23T08:00", "2026-11-23T09:00")
    assert props["data-period-form"] == "/?period=custom"


def test_the_scope_picker_leads_to_a_path_or_a_query(parts: Services) -> None:
    """Where the path names the site another site is another path; elsewhere it is a key of the query."""
    site = scope_picker(_view(parts, "/site/alpha", {"site": "alpha"}, period="7d"))
    assert [_props(one)["value"] for one in _all(site, "value")] == [
        "/?period=7d",
        "/site/alpha?period=7d",
        "/site/beta?period=7d",
    ]
    trends = scope_picker(_view(parts, "/trends", site="beta"))
    assert [_props(one)["value"] for one in _all(trends, "value")] == [
        "/trends",
        "/trends?site=alpha",
        "/trends?site=beta",
    ]
    assert [_props(one)["selected"] for one in _all(trends, "selected")] == [False, False, True]


@pytest.mark.parametrize(
    ("query", "ru", "en"),
    [
        ({}, "Дневная 23.11, 08:00–20:00 · UTC+3", "Day 23 Nov, 08:00–20:00 · UTC+3"),
        ({"period": "day"}, "Сутки 23.11, 08:00–08:00 · UTC+3", "Day of 23 Nov, 08:00–08:00 · UTC+3"),
        ({"period": "24h"}, "22.11 09:00 – 23.11 09:00 · UTC+3", "22 Nov 09:00 – 23 Nov 09:00 · UTC+3"),
    ],
)
def test_a_page_says_what_period_it_is_about(parts: Services, query: dict[str, str], ru: str, en: str) -> None:
    """The shift or day is named with its date, its times and the zone they are in."""
    window = _view(parts, **query).window()
    assert window_text(window) == ru
    with language.use("en"):
        assert window_text(window) == en
    assert window_text(window, parts.enterprise.site("alpha")).endswith("· Альфа, UTC+3")


def test_a_page_head_offers_what_the_page_needs(parts: Services) -> None:
    """Title, period and pickers; a page may leave pickers out and add its own."""
    head = page_header(_view(parts), "Обзор")
    assert _texts(head)[:2] == ["Обзор", "Дневная 23.11, 08:00–20:00 · UTC+3"]
    bare = page_header(_view(parts), "Обзор", period=False, sites=False, subtitle="ниже", actions="кнопка")
    assert _texts(bare) == ["Обзор", "ниже", "кнопка"]


def test_the_shell_watches_the_group_and_every_line(parts: Services) -> None:
    """The frame asks for the group scope, and each site shows how many of its lines run."""
    frame = shell(parts.enterprise, ())
    assert [_props(one)["data-live-scope"] for one in _all(frame, "data-live-scope")] == ["group"]
    running = [_props(one)["data-live-running"] for one in _all(frame, "data-live-running")]
    assert running[0] == f'["{KILN}", "{FORMER}"]'
    assert len(running) == len(parts.enterprise.sites)
