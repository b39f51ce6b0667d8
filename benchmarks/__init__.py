"""Measurements, one in each ``*_bench`` module; ``python -m benchmarks [NAME ...]`` runs them (docs/benchmarks.md)."""

import sys
from pathlib import Path

# The servers that are measured with are those that the tests start.
sys.path.append(str(Path(__file__).parents[1] / "tests"))
