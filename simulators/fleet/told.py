"""What edge nodes have to tell, as columns: the common form of scans, of the ring on disk, and of replays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.fleet.scanner import Scan

BYTES_BESIDE_TEXT = 24
"""What a text takes on disk besides itself, about."""
BYTES_BESIDE_RECORD = 400
"""What a record takes besides its columns: its header, and on average a tenth of a page that stays empty."""


@dataclass(frozen=True, slots=True)
class Told:
    """Values of one or several scans in the order in which they were scanned.

    Attributes:
        rows: Rows of the tag table, int32, shape (n,).
        times: Source times, UTC ms, int64.
        values: float64, NaN for none.
        qualities: `plant.readings` codes, uint16.
        texts: Position in `plant.model.tags.text_tags`, source time in UTC ms, text.
    """

    rows: NDArray[np.int32]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    qualities: NDArray[np.uint16]
    texts: tuple[tuple[int, int, str], ...] = ()

    def __len__(self) -> int:
        return len(self.rows) + len(self.texts)

    @property
    def size_bytes(self) -> int:
        """About what it takes on disk."""
        numbers = sum(column.nbytes for column in (self.rows, self.times, self.values, self.qualities))
        return numbers + sum(len(text) + BYTES_BESIDE_TEXT for _, _, text in self.texts) + BYTES_BESIDE_RECORD

    @property
    def last_ms(self) -> int:
        """The newest source time, UTC ms; 0 for nothing."""
        return max([int(self.times.max(initial=0)), *(time for _, time, _ in self.texts)])

    @classmethod
    def of(cls, scans: Sequence[Scan]) -> Told:
        """All that one or several scans, one after the other, have to tell."""
        return cls(
            np.concatenate([scan.rows for scan in scans]).astype(np.int32),
            np.repeat(np.array([scan.time_ms for scan in scans], np.int64), [len(scan.rows) for scan in scans]),
            np.concatenate([scan.values for scan in scans]),
            np.concatenate([scan.qualities for scan in scans]),
            tuple((place, scan.time_ms, text) for scan in scans for place, text in scan.texts),
        )

    @classmethod
    def concat(cls, parts: Iterable[Told]) -> Told:
        """All parts (one at least), one after the other."""
        parts = list(parts)
        return cls(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.times for part in parts]),
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.qualities for part in parts]),
            tuple(text for part in parts for text in part.texts),
        )
