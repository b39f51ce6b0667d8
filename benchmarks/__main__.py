"""``python -m benchmarks`` runs all measurements, ``python -m benchmarks historian`` one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.report import keep

NAMES = sorted(path.stem.removesuffix("_bench") for path in Path(__file__).parent.glob("*_bench.py"))
WIDTH = 130
"""Columns of a table in a file."""


def main(wanted: list[str]) -> None:
    """Run the named measurements, all when none is named."""
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        raise SystemExit(f"no measurement '{unknown[0]}'; choose from {', '.join(NAMES)}")
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for name in wanted or NAMES:
        reports = importlib.import_module(f"benchmarks.{name}_bench").main() or ()
        for report in reports:
            report.show(console)
        keep(name, reports)


if __name__ == "__main__":
    main(sys.argv[1:])
