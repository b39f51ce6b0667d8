"""What lines of one family are called."""

from __future__ import annotations

import pytest
from screens import tiny

from dashboard.pages.overview.group import family_name
from plant.model.enterprise import Enterprise, Line
from plant.model.load import load


def lines(enterprise: Enterprise, *paths: str) -> list[Line]:
    """Lines called ``site/line``."""
    return [enterprise.site(path.split("/")[0]).line(path.split("/")[1]) for path in paths]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (("minsk/boards", "volgograd/boards"), "Цех гипсокартона"),
        (("minsk/binder-1", "minsk/binder-2"), "Цех гипсового вяжущего"),
    ],
)
def test_a_shop_that_makes_nothing_else_gives_its_name(paths: tuple[str, ...], expected: str) -> None:
    """As managers say it; lines without output, such as stone preparation, do not matter."""
    enterprise = load("gypsum")
    assert family_name(lines(enterprise, *paths), enterprise).ru == expected


def test_a_shop_of_several_families_does_not() -> None:
    """Frames and electronics stand in one shop: each is called by its line."""
    enterprise = load("print-farm")
    names = {family_name(lines(enterprise, f"izhevsk/{slug}"), enterprise).en for slug in ("frames", "electronics")}
    assert names == {"Frames", "Electronics"}


def test_lines_of_many_names_are_called_by_what_they_make() -> None:
    """Where neither shop nor line has one name."""
    enterprise = tiny()
    assert family_name(lines(enterprise, "alpha/kiln-1", "beta/board-1"), enterprise).en == "Stucco, Board"
