from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from screens import NOW, services

from dashboard.page import Page, View, find, match
from dashboard.period import Period

PARTS = services()
OVERVIEW = SimpleNamespace(PATH="/", NAVIGATION=None)
SITE = SimpleNamespace(PATH="/site/<site>", NAVIGATION=None)
UNIT = SimpleNamespace(PATH="/unit/<line>/<unit>", NAVIGATION=None)
PAGES: tuple[Page, ...] = (OVERVIEW, SITE, UNIT)  # type: ignore[assignment]


def _view(path: str = "/", **query: str) -> View:
    return View(PARTS, path, {}, {key.rstrip("_"): (value,) for key, value in query.items()}, NOW)


@pytest.mark.parametrize(
    ("pattern", "path", "parts"),
    [
        ("/", "/", {}),
        ("/", "/x", None),
        ("/site/<site>", "/site/alpha", {"site": "alpha"}),
        ("/site/<site>", "/site/alpha/", {"site": "alpha"}),
        ("/site/<site>", "/site/alpha/shop", None),
        ("/site/<site>", "/site/", None),
        ("/unit/<line>/<unit>", "/unit/a/b", {"line": "a", "unit": "b"}),
    ],
)
def test_paths_match_level_by_level(pattern: str, path: str, parts: dict[str, str] | None) -> None:
    """A part in <> is exactly one level that is not empty, every other level is itself."""
    assert match(pattern, path) == parts


@given(st.text())
def test_any_address_is_a_page_or_none(path: str) -> None:
    """Whatever stands in the address bar, finding its page never fails."""
    found = find(PAGES, PARTS, path, path)
    assert found is None or found[0] in PAGES


def test_a_site_that_does_not_exist_has_no_page() -> None:
    """``<site>`` stands for a known site only, so pages need not check."""
    assert find(PAGES, PARTS, "/site/nowhere") is None
    found = find(PAGES, PARTS, "/site/beta", "?period=7d&tag=a&tag=b")
    assert found is not None
    page, view = found
    assert page is SITE
    assert view.site is PARTS.enterprise.site("beta")
    assert view.query["tag"] == ["a", "b"]
    assert view.now == PARTS.clock()


def test_the_site_in_scope_may_be_in_the_query() -> None:
    """``?site=`` names the scope of a page whose path names none; an unknown one is the group."""
    assert _view(site="beta").site is PARTS.enterprise.site("beta")
    assert _view(site="nowhere").site is None
    assert _view().site is None


def test_the_window_is_in_the_clock_of_the_site_in_scope() -> None:
    """Without a scope the group's clock, with one the site's own, and any site's on demand."""
    beta = PARTS.enterprise.site("beta")
    assert _view().window().zone.key == "Europe/Moscow"
    assert _view(site="beta").window().zone == beta.zone
    assert _view().window(beta).zone == beta.zone
    assert _view(period="7d").window().period is Period.LAST_7D


def test_links_to_other_pages_keep_the_period_only() -> None:
    """The period goes along to another page, everything on the same page, and changes win."""
    view = _view("/trends", period="custom", from_="2026-11-22T08:00", to="2026-11-22T10:00", tag="a b")
    assert view.href("/site/beta") == "/site/beta?period=custom&from=2026-11-22T08%3A00&to=2026-11-22T10%3A00"
    assert view.href(None, {"period": "day", "from": None, "to": None}) == "/trends?period=day&tag=a+b"
    assert _view().href("/trends", {"tag": ["a", "b"]}) == "/trends?tag=a&tag=b"
    assert _view().href() == "/"
