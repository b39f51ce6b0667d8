"""``python -m benchmarks`` runs all measurements, ``python -m benchmarks historian`` one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

NAMES = sorted(path.stem.removesuffix("_bench") for path in Path(__file__).parent.glob("*_bench.py"))


def main(wanted: list[str]) -> None:
    """Run the named measurements, all when none is named."""
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        raise SystemExit(f"no measurement '{unknown[0]}'; choose from {', '.join(NAMES)}")
    for name in wanted or NAMES:
        importlib.import_module(f"benchmarks.{name}_bench").main()


if __name__ == "__main__":
    main(sys.argv[1:])
