"""``python -m tests.soak [--seconds 600] [--rate 20000]``; exit code 1 when a goal is missed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks.report import Report
from plant.service import configure_logging
from tests.soak.plan import Plan
from tests.soak.run import Soak
from tests.soak.verdict import met, rows

WIDTH = 130
"""Columns of the table in a file."""


def main() -> None:
    """Run one and say how it was."""
    parser = argparse.ArgumentParser(prog="make soak ARGS=...", description="Load with faults, counted at the end.")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long; 600 is the measure, 120 a rehearsal")
    parser.add_argument("--rate", type=float, default=20_000.0, help="values a second")
    options = parser.parse_args()
    configure_logging("warning", "text")
    plan = Plan(options.seconds)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    with tempfile.TemporaryDirectory() as folder, Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("load", total=1.0)

        def tell(share: float, what: str) -> None:
            bar.update(task, completed=share, description=what or None)
            if what and what != "counting":
                console.print(f"{share:4.0%}  {what}", highlight=False)

        outcome = Soak(plan, options.rate, Path(folder), tell).run()
    table = list(rows(outcome, plan, options.rate))
    Report(f"soak: {options.rate:,.0f} values/s for {options.seconds:.0f} s with faults", table).show(console)
    raise SystemExit(0 if met(table) else 1)


if __name__ == "__main__":
    main()
