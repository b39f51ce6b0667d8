"""What a trend page is made of: choice, search, zoom, download, presets."""

from __future__ import annotations

import csv
import io
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from screens import FORMER, KILN, NOW, services

from dashboard import language
from dashboard.page import View
from dashboard.pages.trends.choice import choose, with_tag, without_tag
from dashboard.pages.trends.export import BYTE_ORDER_MARK, table
from dashboard.pages.trends.presets import PRESETS
from dashboard.pages.trends.search import MOST_FOUND, TagSearch, label
from dashboard.pages.trends.shown import of_link, of_zoom
from dashboard.queries.trend import Trend
from plant.model.enterprise import Language
from plant.model.load import load
from plant.model.tags import TagTable

PARTS = services()
TAGS = PARTS.tags
GYPSUM = load("gypsum")
NAN = float("nan")


def paths(*keys: str) -> str:
    """A query of kiln metrics."""
    return ",".join(f"{KILN}/{key}" for key in keys)


def test_a_link_names_tags_in_their_order() -> None:
    """Repeated ones once; unknown ones are told, not lost."""
    choice = choose(f"{paths('rate', 'power', 'rate')},,nowhere/x/y/z/w", TAGS)
    assert [tag.metric.key for tag in choice.tags] == ["rate", "power"]
    assert choice.units == ("t/h", "kW")
    assert choice.unknown == ("nowhere/x/y/z/w",)
    assert choose(choice.query, TAGS).tags == choice.tags


def test_the_fifth_unit_of_measure_is_refused() -> None:
    """Four panels at most; a further tag of a unit that is there already still fits."""
    choice = choose(f"{paths('rate', 'power', 'gas_flow', 'temperature', 'level', 'temperature_sp')}", TAGS)
    assert [tag.metric.key for tag in choice.no_axis] == ["level"]
    assert [tag.metric.key for tag in choice.tags][-1] == "temperature_sp"


def test_the_ninth_tag_is_refused() -> None:
    """Eight lines are the most that eyes tell apart."""
    tags = TagTable(GYPSUM)
    many = [tag.path for tag in tags if tag.metric.unit == "kW"][:9]
    choice = choose(",".join(many), tags)
    assert len(choice.tags) == 8
    assert [tag.path for tag in choice.too_many] == many[8:]


def test_tags_are_added_and_taken_away() -> None:
    """By links that hold all the others."""
    rate, power = (TAGS.by_path(f"{KILN}/{key}") for key in ("rate", "power"))
    assert with_tag([rate], power) == paths("rate", "power")
    assert with_tag([rate], rate) == paths("rate")
    assert without_tag([rate, power], rate) == paths("power")


@pytest.mark.parametrize(
    "query", ["температура печь", "ТЕМПЕРАТУРА", "temperature kiln", "kiln-1 temperature", "альфа темп"]
)
def test_any_word_finds_a_tag(query: str) -> None:
    """In either language, any case, any order, by slug too."""
    found = TagSearch(PARTS.enterprise, TAGS).find(query)
    assert TAGS.by_path(f"{KILN}/temperature") in found.tags


def test_search_takes_one_letter_for_two() -> None:
    """е finds ё, as people type."""
    search = TagSearch(GYPSUM, TagTable(GYPSUM))
    assert search.find("расход учета").total == search.find("расход учёта").total


def test_search_is_bounded_and_says_how_much_there_is() -> None:
    """Of thousands a page of them, with the count; within one site if one is chosen; nothing is nothing."""
    search = TagSearch(GYPSUM, TagTable(GYPSUM))
    every = search.find("")
    assert (len(every.tags), every.total > 2000) == (MOST_FOUND, True)
    assert search.find("", "minsk").total < every.total
    assert search.find("нетакогослова") == search.find("zzz zzz")


@pytest.mark.parametrize(
    ("spoken", "words"),
    [("ru", "Альфа, Печная линия, Печь: Температура"), ("en", "Alpha, Kiln line, Kiln: Temperature")],
)
def test_labels_hold_no_ids(spoken: Language, words: str) -> None:
    """Names only."""
    assert label(TAGS.by_path(f"{KILN}/temperature"), PARTS.enterprise, spoken) == words


def view(**query: str) -> View:
    """A trend page of alpha."""
    return View(PARTS, "/trends", {}, {"site": ("alpha",), **{key: (value,) for key, value in query.items()}}, NOW)


def test_a_link_shows_what_has_passed() -> None:
    """The hour of the shift that is over, on Moscow's clock."""
    shown = of_link(view())
    assert (NOW - shown.start, shown.end, shown.offset) == (3_600_000, NOW, 10_800_000)


@pytest.mark.parametrize(
    "moved",
    [
        {"xaxis.range[0]": "2026-11-23 08:10", "xaxis.range[1]": "2026-11-23 08:20:30.5001234"},
        {"xaxis.range": ["2026-11-23 08:10:00", "2026-11-23 08:20:30.5"]},
        {"xaxis.range[0]": NOW - 50 * 60_000 + 10_800_000, "xaxis.range[1]": NOW - 39.4916 * 60_000 + 10_800_000},
    ],
)
def test_a_zoom_is_read_in_every_form_that_plotly_has(moved: dict[str, object]) -> None:
    """Texts with any number of digits, pairs, ms: local times of the axis become UTC."""
    shown = of_zoom(moved, of_link(view()))
    assert shown is not None
    assert shown.zoomed
    assert shown.start == NOW - 50 * 60_000
    assert shown.end == pytest.approx(NOW - 50 * 60_000 + 630_500, abs=5)


def test_a_zoom_never_reaches_into_the_future_or_to_nothing() -> None:
    """What is not over cannot be read; ten seconds are the least."""
    whole = of_link(view())
    ahead = of_zoom({"xaxis.range": ["2026-11-23 09:00", "2026-11-23 12:00"]}, whole)
    assert ahead is not None
    assert (ahead.end, ahead.end - ahead.start) == (NOW, 10_000)


def test_other_moves_are_no_zoom() -> None:
    """A resize, a changed y axis, nonsense; a double click goes back to the link."""
    whole = of_link(view())
    assert of_zoom({"xaxis.autorange": True}, whole) == whole
    for moved in (
        None,
        {},
        {"autosize": True},
        {"yaxis.range[0]": 1, "yaxis.range[1]": 2},
        {"xaxis.range": ["x", "y"]},
    ):
        assert of_zoom(moved, whole) is None


def trend() -> Trend:
    """Two buckets, the second without data."""
    mean = np.array([1234.5678, NAN])
    return Trend(
        TAGS.by_path(f"{FORMER}/speed"),
        np.array([NOW, NOW + 60_000]),
        mean,
        mean - 1,
        mean + 1,
        mean,
        np.array([1.0, 0.0]),
        60_000,
    )


def test_csv_opens_in_a_russian_spreadsheet() -> None:
    """Byte order mark, semicolons, decimal commas, ISO times with their zone; what is missing is empty."""
    with language.use("ru"):
        text = table([trend()], PARTS.enterprise, ZoneInfo("Europe/Moscow"), "ru")
    assert text.startswith(BYTE_ORDER_MARK)
    head, first, second = csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK)), delimiter=";")
    assert head[:2] == ["Время", "Альфа, Линия плит, Формовочная машина: Производительность, м²/ч: Среднее"]
    assert first == ["2026-11-23T09:00:00+03:00", "1234,5678", "1233,5678", "1235,5678", "1"]
    assert second == ["2026-11-23T09:01:00+03:00", "", "", "", "0"]


def test_csv_in_english_has_points_and_commas() -> None:
    """As every other tool reads it; without tags there is a heading only."""
    with language.use("en"):
        rows = table([trend()], PARTS.enterprise, ZoneInfo("UTC"), "en").splitlines()
        assert table([], PARTS.enterprise, ZoneInfo("UTC"), "en") == f"{BYTE_ORDER_MARK}Time\r\n"
    assert rows[1] == "2026-11-23T06:00:00+00:00,1234.5678,1233.5678,1235.5678,1"


@pytest.mark.parametrize("model", ["gypsum", "print-farm"])
def test_every_model_has_presets_to_begin_with(model: str) -> None:
    """Found by roles, so each site of each shipped enterprise offers at least two."""
    enterprise = load(model)
    tags = TagTable(enterprise)
    for site in enterprise.sites:
        assert sum(bool(pick(site, tags)) for _, pick in PRESETS) >= 2
