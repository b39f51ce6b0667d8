"""Minutes of load through one collector, with faults on the way, counted at the end: ``make soak`` (tests/faults)."""

import sys
from pathlib import Path

# The machines and processes are those of the tests.
sys.path.append(str(Path(__file__).parents[1]))
