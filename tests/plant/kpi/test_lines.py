from __future__ import annotations

import pytest

from plant.kpi.lines import LineSet, choose, group_lines, site_lines, trial_lines
from plant.model.enterprise import Enterprise
from plant.production.lines import LineTable


def sites_of(chosen: LineSet, table: LineTable) -> set[str]:
    return {table[index].site.slug for index in chosen.indices}


def test_sites_on_trial_are_apart(enterprise: Enterprise, table: LineTable) -> None:
    """Voskresensk is visible, and in no figure of the group until it is accepted."""
    group, trial = group_lines(enterprise, table), trial_lines(enterprise, table)
    assert sites_of(trial, table) == {"voskresensk"}
    assert sites_of(group, table) == {site.slug for site in enterprise.sites} - {"voskresensk"}
    assert site_lines(enterprise, table, "voskresensk") == trial


def test_lines_that_make_nothing_lower_nobody(enterprise: Enterprise, table: LineTable) -> None:
    """Stone preparation and utilities have time but no ideal rate; their hours are in no figure."""
    chosen = site_lines(enterprise, table, "volgograd")
    slugs = {table[index].line.slug for index in chosen.indices}
    assert slugs == {"binder-1", "binder-2", "boards", "dry-mix-1", "dry-mix-2", "blocks"}
    assert set(chosen.measures) == {"t", "m2"}


def test_lines_know_their_unit_of_measure(enterprise: Enterprise, table: LineTable) -> None:
    """Each as its output counts, in the order of the lines, also in a part of them."""
    chosen = choose(table, {"minsk"})
    boards = next(row.index for row in table if row.site.slug == "minsk" and row.line.slug == "boards")
    assert chosen.only({boards}) == LineSet((boards,), ("m2",))
    assert len(chosen.only(())) == 0


def test_an_unknown_site_is_an_error(enterprise: Enterprise, table: LineTable) -> None:
    """A slip of the pen is no site without lines."""
    with pytest.raises(KeyError):
        site_lines(enterprise, table, "minks")
