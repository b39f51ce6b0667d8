"""What measurements have in common: figures with their goals, as a table for people and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULT = Path("bench.json")


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a figure should be.

    Attributes:
        bound: The figure at the border.
        at_least: It should not be below the border; otherwise not above.
    """

    bound: float
    at_least: bool = True

    def met(self, value: float) -> bool:
        """Whether a figure is there."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        what: What was measured.
        value: The figure; None when it could not be measured, and `note` says why.
        digits: After the point.
        goal: Where it should be, if anywhere.
        note: What to know beside it.
    """

    what: str
    value: float | None
    digits: int = 0
    goal: Goal | None = None
    note: str = ""

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Texts of the table."""
        value = "-" if self.value is None else f"{self.value:,.{self.digits}f}"
        if self.goal is None:
            return self.what, value, "", self.note
        sign = "≥" if self.goal.at_least else "≤"
        verdict = "not measured" if self.value is None else "met" if self.goal.met(self.value) else "NOT MET"
        return self.what, value, f"{sign} {self.goal.bound:,.{self.digits}f}  {verdict}", self.note

    @property
    def document(self) -> dict[str, Any]:
        """For `RESULT`."""
        told: dict[str, Any] = {"what": self.what, "value": self.value, "note": self.note}
        if self.goal is not None:
            met = None if self.value is None else self.goal.met(self.value)
            told |= {"goal": self.goal.bound, "at_least": self.goal.at_least, "met": met}
        return told


@dataclass(frozen=True, slots=True)
class Report:
    """One table."""

    title: str
    rows: Sequence[Row]

    def show(self, console: Console) -> None:
        """Print it."""
        table = Table("figure", "measured", "goal", "note", title=self.title, title_justify="left")
        table.columns[1].justify = "right"
        for row in self.rows:
            table.add_row(*row.cells)
        console.print(table)


def keep(name: str, reports: Sequence[Report]) -> None:
    """Write the figures of one measurement into `RESULT`, beside those of the others."""
    kept = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    kept[name] = {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()},
        "tables": [{"title": report.title, "rows": [row.document for row in report.rows]} for report in reports],
    }
    RESULT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
