"""What pages ask for. Every question blocks on the historian, so each is asked in a thread, never on the event loop.

Answers are kept for a few seconds per historian: ten open tabs cost one question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final
from weakref import WeakKeyDictionary

from dashboard.period import Window
from dashboard.queries import counters, production, states
from dashboard.queries.cache import ShortMemory
from dashboard.queries.production import SiteFigures
from dashboard.queries.shifts import window_before
from dashboard.queries.sparks import BUCKETS, Sparks, points
from dashboard.queries.states import Interval
from dashboard.queries.trend import Trend, trends_of
from dashboard.services import Services
from plant.historian.protocol import Historian
from plant.model.enterprise import Line, Site
from plant.model.tags import Tag

KEEP_S: Final = 5.0
SETTLED_MS: Final = 15 * 60_000
SETTLED_KEEP_S: Final = 120.0
"""What ended a while ago changes only when late data come in: it is asked for less often."""

_memories: WeakKeyDictionary[Historian, ShortMemory] = WeakKeyDictionary()


async def figures(services: Services, windows: Mapping[str, Window]) -> list[SiteFigures]:
    """Output, plan and specific consumption of some sites.

    Args:
        services: Where to ask.
        windows: Window of each site by its slug; sites that are not in it are left out.
    """
    sites = [site for site in services.enterprise.sites if site.slug in windows]
    return await asyncio.to_thread(_figures, services, sites, windows)


async def figures_before(services: Services, windows: Mapping[str, Window]) -> list[SiteFigures]:
    """Figures of the shift before, of the sites whose window is a running shift."""
    sites = [site for site in services.enterprise.sites if site.slug in windows]
    befores = {site.slug: window_before(site, windows[site.slug]) for site in sites}
    return await figures(services, {slug: window for slug, window in befores.items() if window is not None})


async def states_of(services: Services, lines: Sequence[Line], window: Window) -> dict[str, tuple[Interval, ...]]:
    """What lines did in the part of a window that has passed, by ``site/line``."""
    return await asyncio.to_thread(_states, services, lines, window)


async def sparks(services: Services, tags: Sequence[Tag], start: int, end: int) -> Sparks:
    """Points for a sparkline of each tag, over [start, end), UTC ms."""
    return await asyncio.to_thread(_sparks, services, tags, start, end)


async def trends(services: Services, tags: Sequence[Tag], start: int, end: int, buckets: int) -> list[Trend]:
    """Series of some tags over [start, end), UTC ms, in about `buckets` buckets."""
    return await asyncio.to_thread(_trends, services, tags, start, end, buckets)


def _memory(historian: Historian) -> ShortMemory:
    return _memories.setdefault(historian, ShortMemory(KEEP_S))


def _key(*parts: object, start: int, end: int) -> tuple[object, ...]:
    """Windows that end now differ in each request; within the time that answers are kept they are the same."""
    step = round(KEEP_S * 1000)
    return (*parts, start // step, end // step)


def _figures(services: Services, sites: Sequence[Site], windows: Mapping[str, Window]) -> list[SiteFigures]:
    """Sites whose windows end together, as all do that run, are asked for at once, whenever each began."""
    together: dict[int, list[Site]] = {}
    for site in sites:
        together.setdefault(windows[site.slug].until, []).append(site)
    grown: dict[int, production.Increase] = {}
    for end, group in together.items():
        grown |= _increases(services, {site.slug: windows[site.slug].start for site in group}, end)
    return [production.site_figures(site, windows[site.slug], grown, services.tags) for site in sites]


def _increases(services: Services, starts: Mapping[str, int], end: int) -> Mapping[int, production.Increase]:
    """Of all counters of some sites, from the start of each."""
    tags = [tag for slug in starts for tag in production.counters_of(services.enterprise.site(slug), services.tags)]
    by_tag = {tag.index: starts[tag.unit.site] for tag in tags}
    key = _key("increases", tuple(starts), start=min(starts.values()), end=end)
    keep_s = SETTLED_KEEP_S if end < services.clock() - SETTLED_MS else KEEP_S
    return _memory(services.historian).get(
        key, lambda: counters.increases(services.historian, services.tags, by_tag, end), keep_s
    )


def _states(services: Services, lines: Sequence[Line], window: Window) -> dict[str, tuple[Interval, ...]]:
    slugs = tuple(f"{line.site}/{line.slug}" for line in lines)
    key = _key("states", slugs, start=window.start, end=window.until)
    return _memory(services.historian).get(
        key, lambda: states.of_lines(services.historian, lines, services.tags, window.start, window.until)
    )


def _trends(services: Services, tags: Sequence[Tag], start: int, end: int, buckets: int) -> list[Trend]:
    key = _key("trends", tuple(tag.index for tag in tags), buckets, start=start, end=end)
    return _memory(services.historian).get(key, lambda: trends_of(services.historian, tags, start, end, buckets))


def _sparks(services: Services, tags: Sequence[Tag], start: int, end: int) -> Sparks:
    return {trend.tag.index: points(trend) for trend in _trends(services, tags, start, end, BUCKETS)}
