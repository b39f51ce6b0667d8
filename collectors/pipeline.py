"""The middle of the collector, without I/O: births, values and deaths go in, batches and changed units come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from collectors.absence import Absences
from collectors.batch import Batch
from collectors.binding import Binder, Binding
from collectors.counts import Counts
from collectors.intake import Intake
from collectors.live import LiveState
from collectors.quality import QualityCounter
from collectors.quarantine import Quarantine
from collectors.texts import TextState
from collectors.timelines import TimeLines
from collectors.units import UnitTable
from collectors.validation import SKEW_MS, Checked, Validator
from plant.changes import ChangeDetector
from plant.model.tags import TextTag
from plant.mqtt.handler import Delivery
from plant.quality.detector import Arrival
from plant.readings import Columns, Event
from plant.sparkplug.columns import Keyring, read
from plant.sparkplug.host import Data, Unread
from plant.sparkplug.samples import BirthRow, OtherSample, Reading
from plant.sparkplug.topic import Source

_WaitingText: TypeAlias = tuple[TextTag, OtherSample]
ReadClosely: TypeAlias = Callable[[Unread], Sequence[Data]]
"""Reads a message value by value; what cannot be used of it is told elsewhere."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Readings of the present: never history.

    Attributes:
        columns: In the order of arrival.
        anew: They come with a birth, which counts even if the source's clock was set back.
        heard: When that birth came, UTC ms of the plant's present.
    """

    columns: Columns
    anew: bool = False
    heard: int = 0


class Arrivals(Protocol):
    """Follows how far edge nodes have told."""

    def born(self, columns: Columns) -> None:
        """The values of a birth, with the times at which they began to hold."""

    def replayed(self, columns: Columns) -> None:
        """History."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What came out of one turn.

    Attributes:
        batch: To be stored.
        changed: Numbers of the units whose values or state are to be published, ascending.
        shown: What was shown, in its order.
    """

    batch: Batch
    changed: NDArray[np.int32]
    shown: Sequence[Shown] = ()


class Pipeline:
    """Binds, checks, shows and batches.

    Values wait in the intake until the next `turn`, or until a birth or death of any source, so that nothing is shown
    or stored in another order than it came.
    """

    def __init__(
        self,
        units: UnitTable,
        binder: Binder,
        validator: Validator,
        live: LiveState,
        texts: TextState,
        changes: ChangeDetector,
        quarantine: Quarantine,
        counts: Counts,
        quality: QualityCounter,
    ) -> None:
        self._units = units
        self._binder = binder
        self._validator = validator
        self._live = live
        self._texts = texts
        self._changes = changes
        self._quarantine = quarantine
        self._counts = counts
        self._quality = quality
        self._intake = Intake()
        self._unread: list[tuple[Unread, Binding]] = []
        self._ring: Keyring | None = None  # of all bindings; joined again in the first turn after one has changed
        self._read_closely: ReadClosely | None = None
        self._followers: list[Arrivals] = []
        self._absences = Absences(units)
        self._lines = TimeLines(units, live)
        self._bindings: dict[Source, Binding] = {}
        self._claimed = np.zeros(len(units.of_tag), np.bool_)
        self._claimed_texts: set[tuple[int, str]] = set()
        self._receipts: list[Delivery] = []
        self._batches: list[Batch] = []
        self._changed: list[NDArray[np.int32]] = []
        self._shown: list[Shown] = []
        self._texts_waiting: list[_WaitingText] = []

    def enroll(self, source: Source, binding: Binding) -> None:
        """Take in a source that is never born: what its readings mean is known from the beginning."""
        self._bindings[source] = binding

    def claim(self, tag: int) -> None:
        """A tag has a source of its own: births and deaths of its unit's device do not concern it any more."""
        self._claimed[tag] = True

    def claim_text(self, tag: TextTag) -> None:
        """Likewise a text."""
        self._claimed_texts.add((self._units.number(tag.unit), tag.metric.key))

    def received(self, receipt: Delivery) -> None:
        """All that a message held has been fed; it may be acknowledged when that is kept."""
        self._receipts.append(receipt)

    def attach(self, read_closely: ReadClosely) -> None:
        """Name who reads messages that do not lend themselves to columns; the host session, which needs us first."""
        self._read_closely = read_closely

    def tell(self, arrivals: Arrivals) -> None:
        """Name who follows how far edge nodes have told."""
        self._followers.append(arrivals)

    def unread(self, unread: Unread) -> None:
        """A message whose values are to be read with many others."""
        binding = self._bindings[unread.topic.source]
        if binding.key is None:
            self._closely(unread, binding)
        else:
            self._unread.append((unread, binding))

    def data(self, source: Source, reading: Reading, sent_ms: int = 0) -> None:
        """Values of a source that was born; `sent_ms` is when they were sent, UTC ms, 0 if that is not known."""
        self._add(self._bindings[source], reading, sent_ms)

    def _add(self, binding: Binding, reading: Reading, sent_ms: int) -> None:
        self._intake.add(binding.tags, reading.live, reading.historical, sent_ms)
        if reading.others:
            self._texts_waiting += _texts_of(binding, reading)

    def _closely(self, unread: Unread, binding: Binding) -> None:
        if self._read_closely is None:
            raise RuntimeError("nobody reads closely; call attach() first")
        for data in self._read_closely(unread):
            self._add(binding, data.reading, data.sent_ms)

    def _read(self) -> None:
        """Read what has come unread: most of it together, what is odd one by one."""
        waiting, self._unread = self._unread, []
        if not waiting:
            return
        keys = [binding.key for _, binding in waiting if binding.key is not None]
        values, odd = read([unread.envelope for unread, _ in waiting], keys, self._ring)
        sent = np.array([unread.envelope.timestamp for unread, _ in waiting], np.uint64).view(np.int64)
        self._intake.add_many(values, sent)
        for number in odd:
            self._closely(*waiting[number])

    def birth(self, source: Source, rows: Sequence[BirthRow], reading: Reading, now: int) -> None:
        """A source declares its metrics, with their values.

        Args:
            source: Edge node or device.
            rows: Its metrics.
            reading: Their values, by position in `rows`.
            now: Host time, UTC ms.
        """
        self._settle(now)
        self._counts.births += 1
        binding = self._bindings[source] = self._binder.bind(source, rows)
        self._ring = None
        for doubt in binding.doubts:
            self._quarantine.add(doubt.reason, str(source), doubt.text, count=doubt.count)
        self._intake.add(binding.tags, reading.live, reading.historical)
        current, _, historical = self._take(now, Arrival.BORN)
        present = now
        for follower in self._followers:
            follower.born(current.current)
        if binding.unit is not None:
            number = self._units.number(binding.unit)
            self._quality.born(self._units[number].tags, binding.mismatched)
            self._lines.born(current.current, now)
            present = self._lines.present(number, now)
        events = self._show_texts(_texts_of(binding, reading), now, born_at=present)
        again = self._live.confirmed(current.current, present)
        self._changed.append(self._live.apply(current.current, anew=True))
        self._shown.append(Shown(current.current, anew=True, heard=present))
        missing = self._missing(binding, present)
        rest = Columns.concat((current.storable, again, self._with_proof(historical.storable), missing))
        self._keep(Columns.empty(), rest, events)

    def away(self, source: Source, at: int, now: int, *, unheard: bool = False, store: bool = True) -> None:
        """A source is not there any more: what it showed is stale.

        Args:
            source: Edge node or device.
            at: Since when, UTC ms.
            now: Host time, UTC ms.
            unheard: Only the connection to it is known to be gone: a replay may tell how it was meanwhile.
            store: Store the end of its values; False when this collector goes away and not the source.
        """
        self._settle(now)
        self._counts.deaths += 1
        binding = self._bindings.pop(source, None)
        self._ring = None
        if binding is None or binding.unit is None:
            return
        # A device tells the time of its death itself; a clock that is far off must not move what is stored.
        at = at if abs(now - at) <= SKEW_MS else now
        number = self._units.number(binding.unit)
        at = self._lines.ended(number, at)
        rows = self._withdraw(self._unclaimed(number), at, unheard=unheard)
        self._shown.append(Shown(rows))
        keys = [metric.key for metric in self._units[number].texts if (number, metric.key) not in self._claimed_texts]
        texts = self._texts.withdraw(number, binding.unit, at, keys)
        self._changed.append(np.array([number], np.int32))
        if store:
            self._keep(Columns.empty(), rows, texts)

    def silent(
        self, tags: NDArray[np.intp], texts: Sequence[TextTag], at: int, now: int, *, store: bool = True
    ) -> None:
        """The source of claimed tags has fallen silent: what it showed is stale.

        Args:
            tags: Its numbers.
            texts: Its texts.
            at: Since when they are not known, UTC ms.
            now: Host time, UTC ms.
            store: Store the end of its values; False when this collector goes away and not the source.
        """
        self._settle(now)
        rows = Columns.concat((self._withdraw(tags, at, unheard=False), self._live.lapse(tags, at)))
        self._shown.append(Shown(rows))
        numbers = {tag.path: self._units.number(tag.unit) for tag in texts}
        events = [
            event for tag in texts for event in self._texts.withdraw(numbers[tag.path], tag.unit, at, (tag.metric.key,))
        ]
        self._changed += [self._live.units_of(tags), np.array(sorted(set(numbers.values())), np.int32)]
        if store:
            self._keep(Columns.empty(), rows, events)

    def turn(self, now: int) -> Turn:
        """Everything that has come since the last turn, checked. `now` is the host time, UTC ms."""
        if self._ring is None and self._unread:
            self._ring = Keyring(binding.key for binding in self._bindings.values() if binding.key is not None)
        self._settle(now)
        batch = Batch.merge(self._batches)
        if self._receipts:
            batch, self._receipts = replace(batch, receipts=tuple(self._receipts)), []
        changed = np.unique(np.concatenate(self._changed)) if self._changed else np.empty(0, np.int32)
        shown = self._shown
        self._batches, self._changed, self._shown = [], [], []
        return Turn(batch, changed, shown)

    def _settle(self, now: int) -> None:
        """Check and show what waits in the intake."""
        self._read()
        if not len(self._intake) and not self._texts_waiting:
            return
        waiting, self._texts_waiting = self._texts_waiting, []
        fresh, late, historical = self._take(now)
        for live in (late, fresh):
            self._lines.heard(live.current, now)
            self._show(live.current)
        events = self._show_texts(waiting, now)
        rest = Columns.concat((late.storable, self._with_proof(historical.storable)))
        self._keep(fresh.storable, rest, events)

    def _show(self, columns: Columns) -> None:
        self._changed.append(self._live.apply(columns))
        self._shown.append(Shown(columns))

    def _take(self, now: int, current: Arrival = Arrival.LIVE) -> tuple[Checked, Checked, Checked]:
        """What waits, checked: fresh, late, historical."""
        taken = self._intake.take()
        self._quality.note(taken.late, now, Arrival.LATE)
        self._quality.note(taken.fresh, now, current)
        self._quality.note(taken.historical, now, Arrival.REPLAYED)
        for reason, count in taken.refused.items():
            self._quarantine.count(reason, count)
        self._counts.values += len(taken.fresh) + len(taken.late)
        self._counts.historical += len(taken.historical)
        return self._check(taken.fresh, now), self._check(taken.late, now), self._check(taken.historical, now)

    def _check(self, columns: Columns, now: int) -> Checked:
        if not len(columns):
            return Checked(columns, columns)
        checked = self._validator.check(columns, now)
        self._counts.skewed += checked.skewed
        for refusal in checked.refusals:
            text = f"{refusal.count} values, such as {refusal.value!r} of time {refusal.time} ms"
            self._quarantine.add(refusal.reason, refusal.tag, text, count=refusal.count)
        return checked

    def _keep(self, fresh: Columns, rest: Columns, texts: list[Event]) -> None:
        if len(fresh) or len(rest) or texts:
            changes = [event for part in (fresh, rest) if len(part) for event in self._changes.events(part)]
            self._batches.append(Batch.of(fresh, rest, (*changes, *texts)))

    def _with_proof(self, replayed: Columns) -> Columns:
        """Replayed readings, and what they prove about tags of which they say nothing."""
        if len(replayed):
            for follower in self._followers:
                follower.replayed(replayed)
        return Columns.concat((replayed, self._absences.proved(replayed))) if len(replayed) else replayed

    def _missing(self, binding: Binding, at: int) -> Columns:
        """Metrics that the birth does not declare any more; stale since `at`, UTC ms."""
        if binding.unit is None:
            return Columns.empty()
        tags = self._unclaimed(self._units.number(binding.unit))
        rows = self._withdraw(np.setdiff1d(tags, binding.tags), at, unheard=False)
        self._shown.append(Shown(rows))
        return rows

    def _unclaimed(self, number: int) -> NDArray[np.intp]:
        tags = self._units[number].tags
        return tags[~self._claimed[tags]]

    def _withdraw(self, tags: NDArray[np.intp], at: int, *, unheard: bool) -> Columns:
        rows, last = self._live.withdraw(tags, at)
        self._quality.away(tags)
        if unheard:
            self._absences.began(rows, last)
        else:
            self._absences.forget(rows.tag)
        return rows

    def _show_texts(self, waiting: list[_WaitingText], now: int, *, born_at: int | None = None) -> list[Event]:
        events = []
        for tag, sample in waiting:
            reason = self._validator.refuse_text(sample, now)
            if reason is not None:
                self._quarantine.add(reason, tag.path, f"a text of time {sample.timestamp_ms} ms: {sample.value!r}")
                continue
            number = self._units.number(tag.unit)
            event = self._texts.accept(number, tag, sample, born_at)
            if event is not None:
                events.append(event)
            if not sample.historical:
                self._changed.append(np.array([number], np.int32))
        return events


def _texts_of(binding: Binding, reading: Reading) -> list[_WaitingText]:
    """Texts that the model knows; others were counted at birth, or are an edge node's own."""
    return [(binding.texts[sample.index], sample) for sample in reading.others if sample.index in binding.texts]
