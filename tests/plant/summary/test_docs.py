"""docs/summary.md says what the data hold."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from plant.kpi.plan import Progress
from plant.kpi.value import COVERAGE_NEEDED, Value
from plant.production.elements import Loss
from plant.receipts.receipt import Receipt
from plant.summary.figures import SHOWN
from plant.summary.gas import GasUse
from plant.summary.losses import BigStop
from plant.summary.parts import GroupSummary, LinePlan, Output, Period, SiteSummary, Summary
from plant.summary.periods import Days
from plant.summary.rates import RatesSpec
from plant.summary.reconciliation import Because, Part, Reconciliation, Step

DOCUMENT = (Path(__file__).parents[3] / "docs" / "summary.md").read_text(encoding="utf-8")
DATA = (
    Summary,
    GroupSummary,
    SiteSummary,
    Period,
    Days,
    Value,
    Progress,
    LinePlan,
    Output,
    BigStop,
    GasUse,
    Reconciliation,
    Step,
    Part,
    Receipt,
)


def rows(after: str) -> list[list[str]]:
    """The cells of the table after a piece of the document."""
    table = DOCUMENT.split(after, 1)[1].split("\n|---", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[1:]]


@pytest.mark.parametrize("kind", DATA, ids=lambda kind: kind.__name__)
def test_each_field_has_a_row(kind: type) -> None:
    """None is missing, none is invented, in the order of the code, and each has a meaning."""
    found = rows(f"\n`{kind.__name__}`")
    assert [row[0].strip("`") for row in found] == [field.name for field in fields(kind)]
    assert all(row[1] for row in found)


def test_every_explanation_is_documented() -> None:
    """All that may explain a difference."""
    assert [row[0].strip("`") for row in rows("\n| because | meaning |")] == list(Because)


def test_the_keys_of_the_rates_are_those_of_the_code() -> None:
    """Key and meaning word for word."""
    expected = {key: field.description for key, field in RatesSpec.model_fields.items()}
    assert {row[0].strip("`"): row[1] for row in rows("\n## Rates")} == expected


def test_figures_losses_and_the_limit_are_named() -> None:
    """Every figure that a summary shows, every loss that a stop may be, and the coverage that is needed."""
    assert not [key for key in (*SHOWN, "output_index") if f"`{key}`" not in DOCUMENT]
    named = re.findall(r"`(\w+)`", next(row[1] for row in rows("\n`BigStop`") if row[0] == "`loss`"))
    assert set(named) == {loss.name.lower() for loss in Loss} - {"none", "no_order"}
    assert f"coverage of {100 * COVERAGE_NEEDED:.0f} %" in DOCUMENT
