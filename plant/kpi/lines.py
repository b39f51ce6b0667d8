"""Which lines a figure is made of: the group's, a site's, those of the sites on trial, or any others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from plant.model.enterprise import Enterprise, SiteStatus
from plant.production.lines import LineTable


@dataclass(frozen=True, slots=True)
class LineSet:
    """Some lines of the line table.

    Attributes:
        indices: Their numbers in the table, each once.
        measures: Unit of measure in which each of them counts its output; empty for one that makes nothing.

    Raises:
        ValueError: A line is named twice, and would be counted twice.
    """

    indices: tuple[int, ...]
    measures: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.indices)) != len(self.indices):
            raise ValueError(f"lines {self.indices} hold one line twice")
        if len(self.measures) != len(self.indices):
            raise ValueError(f"{len(self.indices)} lines, but {len(self.measures)} units of measure")

    def __len__(self) -> int:
        return len(self.indices)

    def only(self, indices: Collection[int]) -> LineSet:
        """Those of its lines that are named."""
        kept = [place for place, index in enumerate(self.indices) if index in indices]
        return LineSet(tuple(self.indices[each] for each in kept), tuple(self.measures[each] for each in kept))


def choose(table: LineTable, sites: Collection[str]) -> LineSet:
    """Lines of these sites that can be rated.

    A line without an ideal rate, such as stone preparation or utilities, makes nothing that its time could be set
    against: it would only lower the figures of those that do.
    """
    rows = [row for row in table if row.site.slug in sites and row.measure and row.line.ideal_rates]
    return LineSet(tuple(row.index for row in rows), tuple(row.measure for row in rows))


def group_lines(enterprise: Enterprise, table: LineTable) -> LineSet:
    """Lines of the sites in production, which the group's figures are made of; sites on trial do not enter them."""
    return choose(table, _of_status(enterprise, SiteStatus.PRODUCTION))


def trial_lines(enterprise: Enterprise, table: LineTable) -> LineSet:
    """Lines of the sites on trial, which are shown apart."""
    return choose(table, _of_status(enterprise, SiteStatus.TRIAL))


def site_lines(enterprise: Enterprise, table: LineTable, site: str) -> LineSet:
    """Lines of one site, on trial or not; KeyError if there is no such site."""
    return choose(table, {enterprise.site(site).slug})


def _of_status(enterprise: Enterprise, status: SiteStatus) -> set[str]:
    return {site.slug for site in enterprise.sites if site.status is status}
