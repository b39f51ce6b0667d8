"""Freed memory goes back to the system: in a process of its own, for the allocator is set up once."""

from __future__ import annotations

import subprocess
import sys

PEAK = """
import numpy as np
import psutil
from plant import heap

heap.settle()
before = psutil.Process().memory_info().rss
small = [bytes(2_000) for _ in range(50_000)]
kept = small[::50]
large = [np.ones(100_000) for _ in range(100)]
peak = psutil.Process().memory_info().rss
del small, large
heap.trim()
print(peak - before, psutil.Process().memory_info().rss - before)
"""


def test_after_a_peak_memory_goes_back() -> None:
    """Of 180 MB, 100 of them small objects of which every fiftieth stays, less than a tenth is kept."""
    told = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    peak, after = map(int, told.stdout.split())
    assert peak > 150_000_000
    assert after < peak / 10
