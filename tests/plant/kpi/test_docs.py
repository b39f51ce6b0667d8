"""docs/kpi.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plant.kpi.compare import COMPARABLE, LEAST_CELL_DAYS, LEAST_DAYS
from plant.kpi.elements import ELEMENTS
from plant.kpi.figures import FIGURES, SHARE, Figure
from plant.kpi.sums import ADDITIVE, Sums
from plant.kpi.value import COVERAGE_NEEDED, Flag
from plant.kpi.waterfall import BIG_LOSSES, waterfall

DOCUMENT = (Path(__file__).parents[3] / "docs" / "kpi.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return DOCUMENT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def table(title: str) -> list[list[str]]:
    """The cells of the rows of a section's table."""
    rows = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def number(cell: str) -> float:
    """Its first number; spaces part thousands."""
    found = re.match(r"-?\d{1,3}(?: \d{3})*(?:\.\d+)?", cell)
    assert found is not None, cell
    return float(found[0].replace(" ", ""))


def shown(cell: str, value: float) -> bool:
    """Whether a value, rounded to the digits of the cell, is the cell's."""
    digits = len(cell.split(" ", 1)[0].partition(".")[2]) if "." in cell else 0
    return number(cell) == pytest.approx(round(value, digits), abs=10**-digits / 2)


EXAMPLE = Sums(frozenset({"m2"}), **{row[0].strip("`"): number(row[2]) for row in table("Example")})
ROWS = {row[0].strip("`"): row for row in table("All figures")}


def test_the_example_holds_every_element() -> None:
    """Each additive element once, and times that make sense together."""
    assert [row[0].strip("`") for row in table("Example")] == list(ADDITIVE)
    assert EXAMPLE.missing_s == pytest.approx(0)
    assert f"{100 * EXAMPLE.coverage:.2f} %" in section("Example")


def test_every_figure_has_a_row() -> None:
    """None is missing, none is invented, in the order of the code."""
    assert list(ROWS) == list(FIGURES)


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_formula_source_and_example_are_those_of_the_code(figure: Figure) -> None:
    """Names, formula and source word for word; the example is what the code makes of the sums of the shift."""
    _, name, formula, source, example = ROWS[figure.key]
    assert (name, formula, source) == (f"{figure.name.ru} / {figure.name.en}", figure.formula, figure.source)
    value = figure.evaluate(EXAMPLE).value
    assert value is not None
    unit = "%" if figure.unit == SHARE else figure.unit.format(measure="m2")
    assert example.endswith(f" {unit}")
    assert shown(example, 100 * value if figure.unit == SHARE else value)


def test_symbols_are_those_of_the_code() -> None:
    """Each element of the formulas with both names."""
    expected = [[row.symbol, f"`{row.key}`", f"{row.name.ru} / {row.name.en}"] for row in ELEMENTS.values()]
    assert table("Symbols") == expected


def test_the_waterfall_is_that_of_the_example() -> None:
    """Bars in their order, with their big losses and seconds."""
    rows, steps = table("Loss waterfall"), waterfall(EXAMPLE).steps
    assert [row[1] for row in rows] == [f"`{step.key}`" for step in steps]
    for row, step in zip(rows, steps, strict=True):
        assert row[2] == ("" if step.big is None else f"{step.big} {BIG_LOSSES[step.big].en}")
        assert shown(row[3].removesuffix(" s"), step.seconds)


def test_limits_and_flags_are_named() -> None:
    """Coverage needed, least days, every flag and everything that can be compared."""
    assert f"coverage of {100 * COVERAGE_NEEDED:.0f} %" in DOCUMENT
    assert f"fewer than {LEAST_CELL_DAYS} production days" in DOCUMENT
    assert f"fewer than {LEAST_DAYS} days" in DOCUMENT
    assert not [flag for flag in Flag if f"`{flag}`" not in DOCUMENT]
    assert not [key for key in COMPARABLE if f"`{key}`" not in section("Comparing sites")]
