"""What goes to the historian together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plant.mqtt.handler import Delivery
from plant.readings import Columns, Event


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings and events that were ready in one turn of the pipeline.

    Attributes:
        columns: Readings in the order of their arrival: of two for the same instant the last one counts.
        fresh: Which of them were sent as they happened (not late, nor with a birth, a replay or a death), bool,
            shape (n,); their age when durable is the ingest lag.
        events: Changes of states, modes and texts.
        receipts: Messages of devices that may be acknowledged when all of this, and all before it, is kept.
    """

    columns: Columns
    fresh: NDArray[np.bool_]
    events: tuple[Event, ...] = ()
    receipts: tuple[Delivery, ...] = ()

    def __len__(self) -> int:
        return len(self.columns) + len(self.events)

    @classmethod
    def of(cls, fresh: Columns, rest: Columns, events: tuple[Event, ...] = ()) -> Batch:
        """Fresh readings, then others."""
        is_fresh = np.zeros(len(fresh) + len(rest), np.bool_)
        is_fresh[: len(fresh)] = True
        return cls(Columns.concat((fresh, rest)) if len(rest) else fresh, is_fresh, events)

    def parted(self) -> tuple[Batch, Batch]:
        """The fresh readings, and all the rest; receipts stay with the whole."""
        fresh, rest = self.columns.take(self.fresh), self.columns.take(~self.fresh)
        return Batch.of(fresh, Columns.empty()), Batch.of(Columns.empty(), rest, self.events)

    @classmethod
    def merge(cls, batches: Iterable[Batch]) -> Batch:
        """All batches as one, in their order."""
        batches = list(batches)
        if len(batches) == 1:
            return batches[0]
        return cls(
            Columns.concat(batch.columns for batch in batches),
            np.concatenate([np.empty(0, np.bool_), *(batch.fresh for batch in batches)]),
            tuple(event for batch in batches for event in batch.events),
            tuple(receipt for batch in batches for receipt in batch.receipts),
        )
