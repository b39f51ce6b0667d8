"""The production day of a group: the production days of its sites of the same date, each in its own clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from plant.calendar.spans import Bounds
from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Site


def production_days(sites: Iterable[Site], on: date) -> dict[str, Bounds]:
    """The production day of a date at each site, by slug.

    A group's figure of a date is the sum of its sites' figures over these windows; a clock of its own would never equal
    the plants' reports.
    """
    return {site.slug: WorkCalendar.of(site).day(on) for site in sites}
