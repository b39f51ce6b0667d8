"""What goes to the historian together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plant.readings import Columns, Event


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings and events that were ready in one turn of the pipeline.

    Attributes:
        fresh: Readings that were sent as they happened; their age when durable is the ingest lag.
        rest: Other readings: of births, replays and deaths.
        events: Changes of states, modes and texts.
    """

    fresh: Columns
    rest: Columns
    events: tuple[Event, ...] = ()

    def __len__(self) -> int:
        return len(self.fresh) + len(self.rest) + len(self.events)

    @property
    def columns(self) -> Columns:
        """All readings."""
        return Columns.concat((self.fresh, self.rest)) if len(self.rest) else self.fresh

    @classmethod
    def merge(cls, batches: Iterable[Batch]) -> Batch:
        """All batches as one, in their order."""
        batches = list(batches)
        if len(batches) == 1:
            return batches[0]
        return cls(
            Columns.concat(batch.fresh for batch in batches),
            Columns.concat(batch.rest for batch in batches),
            tuple(event for batch in batches for event in batch.events),
        )
