"""What is true in a world at one moment, as arrays of codes: pure functions of its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np

from plant.model.enterprise import Enterprise, Role
from plant.model.tags import TagTable, TextTag, text_tags
from plant.packml import Mode, State
from simulators.truth.spans import Closed
from simulators.truth.tables import MINUTE_MS, Counts, Energy, Floats, Integers, Orders, States, Texts
from simulators.world.display import CENTRAL, Formatter
from simulators.world.inertia import Bools
from simulators.world.lag import LOT_S
from simulators.world.state import ENERGY, GOOD, PRODUCED, REJECT, WATER, WorldState
from simulators.world.structure import Structure
from simulators.world.transitions import Cause

_NOT_LOTS = frozenset({Role.REASON, Role.ORDER, Role.PRODUCT})
_NO_LOT = -1.0
_EXECUTE = int(State.EXECUTE)
_COUNTS = slice(PRODUCED, REJECT + 1)
_FLOWS = slice(ENERGY, WATER + 1)


@dataclass(frozen=True, slots=True)
class Witness:
    """Looks at the states of one world, and says in words what the codes mean.

    Attributes:
        fixed: What never changes about the world.
        units: Storage path of each unit, in the order of the world's rows; `lines` likewise of each planned line.
        tags: Path of each tag that is shown, in the order of `Display.tag`; `nodes` the edge nodes as ``group/node``.
        products: Slugs; products are counted in their order.
        reason_row: Row of the unit whose reason of a stop each text tag is, by the place of the text tag.
        lot_row: Rows of units that carry a lot; `lot_place` where its number is among the numbers of the world.
        lot_name: Says what a lot's number is called, one for each of these rows.
    """

    fixed: Structure
    units: Texts
    lines: Texts
    tags: Texts
    nodes: Texts
    products: tuple[str, ...]
    reason_row: Mapping[int, int]
    lot_row: Integers
    lot_place: Integers
    lot_name: tuple[Formatter, ...]

    @classmethod
    def of(cls, fixed: Structure, enterprise: Enterprise) -> Self:
        """For a world with this structure."""
        board, roster = fixed.display, fixed.roster
        tags, texts = TagTable(enterprise), text_tags(enterprise)
        found = [i for i, place in enumerate(board.text) if _is_lot(fixed, texts[place])]
        return cls(
            fixed=fixed,
            units=_texts([unit.storage for unit in roster.units]),
            lines=_texts([line.storage for _, line in fixed.plan.lines]),
            tags=_texts([tags[i].path for i in board.tag]),
            nodes=_texts(list(dict.fromkeys(f"{unit.site}/{unit.gateway}" for unit in roster.units))),
            products=tuple(enterprise.products),
            reason_row={
                int(place): roster.row[texts[place].unit.path]
                for place in board.text
                if texts[place].metric.role is Role.REASON
            },
            lot_row=np.array([roster.row[texts[board.text[i]].unit.path] for i in found], np.int64),
            lot_place=board.text_place[found],
            lot_name=tuple(board.formatters[i] for i in found),
        )

    def tell(self, told: Floats, texts: Iterable[tuple[int, str]]) -> None:
        """Put into `told`, shape (units,), the codes of reasons among texts, each with the place of its text tag."""
        for place, text in texts:
            if place in self.reason_row:
                told[self.reason_row[place]] = _CAUSE_OF[text]

    def states(self, now: WorldState, told: Floats) -> Floats:
        """State, mode, true cause and reason as `told` of each unit, shape (4, units)."""
        units = len(self.units)
        cause = now.machines.cause * (now.machines.state != _EXECUTE)
        return np.array([*now.numbers[: 2 * units].reshape(2, units), cause, told])

    def work(self, now: WorldState) -> Floats:
        """Minute of the step that ended now and number of the lot that it made, -1 for none; shape (2, units)."""
        codes = np.full((2, len(self.units)), _NO_LOT)
        codes[0] = (now.time_ms - 1) // MINUTE_MS
        codes[1, self.lot_row] = now.numbers[self.lot_place]
        return codes

    def orders(self, now: WorldState) -> Floats:
        """Number, product that it names, product made (both from 1, 0 for none) and quantity; shape (4, lines)."""
        at = self.fixed.plan.constraint
        number, ordered = self._central(now, Role.ORDER)[at], self._central(now, Role.PRODUCT)[at]
        return np.array([number, ordered, now.product[at] + 1.0, now.plan.quantity])

    def made(self, now: WorldState) -> Floats:
        """What works off the orders of each line, counted since the world began, shape (1, lines)."""
        counted = now.totals[:, self.fixed.plan.counts]
        made: Floats = np.maximum(counted[PRODUCED], counted[GOOD])[None, :]
        return made

    def told_states(self, closed: Closed) -> States:
        """Rows of states."""
        state, mode, cause, reason = closed.codes.astype(np.int64)
        rows = States(
            unit=self.units[closed.row],
            state=_STATES[state],
            mode=_MODES[mode],
            cause=_CAUSES[cause],
            reason=_CAUSES[reason],
            start_ms=closed.start_ms,
            end_ms=closed.end_ms,
        )
        return rows.take(closed.end_ms > closed.start_ms)

    def told_counts(self, closed: Closed) -> Counts:
        """Rows of what was made, of those that made anything; codes are those of `work`."""
        lots = closed.codes[1].astype(np.int64)
        counted = closed.counted[_COUNTS]
        rows = Counts(
            self.units[closed.row], _minutes(closed), self._lot_names(closed.row, lots), _lot_ms(lots), *counted
        )
        return rows.take(_any(counted))

    def told_energy(self, closed: Closed) -> Energy:
        """Rows of what was used, of those that used anything; codes are those of `work`."""
        counted = closed.counted[_FLOWS]
        return Energy(self.units[closed.row], _minutes(closed), *counted).take(_any(counted))

    def told_orders(self, closed: Closed) -> Orders:
        """Rows of orders; lines without one have none."""
        names = _texts(["", *self.products])
        number, ordered, made = closed.codes[:3].astype(np.int64)
        rows = Orders(
            line=self.lines[closed.row],
            number=number,
            product_ordered=names[ordered],
            product_made=names[made],
            start_ms=closed.start_ms,
            end_ms=closed.end_ms,
            quantity=closed.codes[3],
            made=closed.counted[0],
        )
        return rows.take((number > 0) & (closed.end_ms > closed.start_ms))

    def _central(self, now: WorldState, role: Role) -> Floats:
        units, place = len(self.units), CENTRAL.index(role)
        numbers: Floats = now.numbers[place * units : (place + 1) * units]
        return numbers

    def _lot_names(self, rows: Integers, lots: Integers) -> Texts:
        names = np.full(len(rows), "", np.object_)
        name = dict(zip(self.lot_row.tolist(), self.lot_name, strict=True))
        for i in np.flatnonzero(lots >= 0):
            names[i] = name[int(rows[i])](int(lots[i]))
        return names


def _is_lot(fixed: Structure, text: TextTag) -> bool:
    """Whether a text is the lot of what its unit makes: a number that its kind shows without words (`Kind.texts`)."""
    row = fixed.roster.row[text.unit.path]
    kind = fixed.kinds.get(fixed.roster.kind_of(row))
    if kind is None or text.metric.role in _NOT_LOTS or text.metric.key in kind.texts():
        return False
    return all((signal.row, signal.metric.key) != (row, text.metric.key) for signal in fixed.display.signals)


def _minutes(closed: Closed) -> Integers:
    minutes: Integers = closed.codes[0].astype(np.int64) * MINUTE_MS
    return minutes


def _lot_ms(lots: Integers) -> Integers:
    begun: Integers = np.maximum(0, lots) * round(1000 * LOT_S)
    return begun


def _any(counted: Floats) -> Bools:
    something: Bools = (counted != 0.0).any(axis=0)
    return something


def _texts(words: Sequence[str]) -> Texts:
    return np.array(words, np.object_)


def _names(codes: type[IntEnum]) -> Texts:
    """Names by code, empty where there is none."""
    names = _texts([""] * (max(codes) + 1))
    for code in codes:
        names[code] = code.name
    return names


_STATES, _MODES = _names(State), _names(Mode)
_CAUSES = _texts([cause.reason for cause in Cause])
_CAUSE_OF = {name: code for code, name in enumerate(_CAUSES)}
