"""A simulated world that is stepped from outside: by the history fill as fast as it goes, by edge nodes once a scan."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plant.errors import BadInputError
from plant.messages import Order
from plant.model.enterprise import Enterprise, Role
from plant.model.tags import TagTable, TextTag
from plant.readings import BAD, GOOD
from simulators.scenarios.stage import Play, Stage
from simulators.world import controls, engine, plan, saving, structure
from simulators.world.dice import Dice
from simulators.world.inertia import Floats, Ints
from simulators.world.influence import Influences, Injection, TransportFaults
from simulators.world.instruments import Instruments, InstrumentState
from simulators.world.state import WorldState


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment of a world: its state, its generators, its instruments with what they showed, and what is injected."""

    state: WorldState
    dice: Mapping[str, Any]
    values: Floats
    instruments: InstrumentState
    injections: tuple[Injection, ...] = ()


class World:
    """The plants of some sites of an enterprise.

    Equal enterprise, seed, start and steps give equal values, for each site whatever other sites are simulated.

    Args:
        enterprise: The model.
        tags: Its numeric tags.
        texts: Its text tags, as `plant.model.tags.text_tags` lists them.
        sites: Slugs of the sites to simulate, None for all.
        seed: Of all randomness.
        start_ms: UTC ms at which the world begins, warm and running.

    Raises:
        ConfigurationError: A site or a kind of physics does not exist.
    """

    def __init__(
        self,
        enterprise: Enterprise,
        tags: TagTable,
        texts: Sequence[TextTag],
        sites: Sequence[str] | None,
        seed: int,
        start_ms: int,
    ) -> None:
        self._tags = tags
        self._text_tags = tuple(texts)
        self._fixed = structure.build(enterprise, tags, texts, sites)
        board, units = self._fixed.display, self._fixed.roster
        self._seed = seed
        self._identity = _identity(enterprise, tags, texts, [site.slug for site in units.sites])
        site_of_tag = np.array([units.site[units.row[tags[i].unit.path]] for i in board.tag], np.int64)
        site_of_signal = np.array([units.site[each.row] for each in board.signals], np.int64)
        self._dice = Dice(
            [site.slug for site in units.sites],
            seed,
            self._by_site(self._model_order()),
            self._of_site(site_of_signal),
            self._of_site(site_of_tag),
        )
        shown = [tags[i] for i in board.tag]
        self._instruments = Instruments.of(shown, self._dice.tag_uniform())
        self._looked = InstrumentState.start(len(shown), len(board.text))
        self._stage = Stage(units, shown)
        told = [texts[i] for i in board.text]
        reasons = [units.row[text.unit.path] if text.metric.role is Role.REASON else -1 for text in told]
        self._reasons = np.array(reasons, np.int64)
        self._qualities = np.full(len(tags), BAD, np.uint16)
        self._qualities[board.tag] = GOOD
        self._values = np.full(len(tags), np.nan)
        self._texts = [""] * len(texts)
        self._codes = self._looked.codes
        self._state = engine.start(self._fixed, start_ms - 1000, self._dice.draw())
        self.step(1.0)

    @property
    def now_ms(self) -> int:
        """UTC ms of the last step."""
        return self._state.time_ms

    @property
    def begun_ms(self) -> int:
        """UTC ms of the first moment of this world, saved and loaded worlds included."""
        return self._state.begun_ms + 1000

    @property
    def state(self) -> WorldState:
        """The true state; only tests and the ledger of truth look at it."""
        return self._state

    @property
    def fixed(self) -> structure.Structure:
        """What does not change: units in the order of the rows, the material graph, the plan's lines."""
        return self._fixed

    def step(self, dt_s: float) -> None:
        """Let `dt_s` (at least 1 ms) pass; what is longer than `engine.LONGEST_STEP_S` is cut into several steps."""
        longest_ms = round(engine.LONGEST_STEP_S * 1000.0)
        left_ms = round(dt_s * 1000.0)
        while left_ms > 0:
            part_ms = min(longest_ms, left_ms)
            draws, now_ms = self._dice.draw(), self._state.time_ms
            influences = self._stage.influences(now_ms, now_ms + part_ms)
            self._state = engine.advance(self._fixed, self._state, part_ms / 1000.0, draws, influences)
            left_ms -= part_ms
        self._look(draws.tag_normal, influences)
        self._stage.end(self.now_ms)

    def inject(self, injection: Injection) -> None:
        """Play a scenario from `injection.start_ms` on, or from the next step if that is past.

        Equal injections at equal world times make equal worlds.

        Raises:
            ConfigurationError: The id is taken, the scenario does not exist, holds mistakes or does not fit here, or a
                target or parameter is wrong; the text says which and how to mend it.
        """
        self._stage.inject(replace(injection, start_ms=max(injection.start_ms, self.now_ms)))

    def recover(self, name: str) -> None:
        """End the injection of that id before its time; inertia, repairs and restarts take theirs.

        Raises:
            ConfigurationError: There is none.
        """
        self._stage.recover(name)

    def injections(self) -> tuple[Injection, ...]:
        """What is played or waits for its start, in the order in which it was injected."""
        return self._stage.injections

    @property
    def plays(self) -> tuple[Play, ...]:
        """The same with all that it does, when and where; only tests and the ledger of truth look at it."""
        return self._stage.plays

    def transport(self, now_ms: int) -> TransportFaults:
        """What is wrong with the connections of edge nodes at a world time, UTC ms."""
        return self._stage.transport(now_ms)

    def skip(self, to_ms: int) -> None:
        """Set the clock (UTC ms) without letting anything happen, as after a long sleep of the computer."""
        self._state = replace(self._state, time_ms=to_ms)

    def values(self) -> NDArray[np.float64]:
        """What the instruments show now, one value per tag of the table; NaN for tags that are not ours."""
        return self._values.copy()

    def qualities(self) -> NDArray[np.uint16]:
        """Quality per tag of the table: good for ours, bad for the rest."""
        return self._qualities

    def texts(self) -> list[str]:
        """Present texts, one per text tag of the enterprise; empty for those that are not ours."""
        return self._texts.copy()

    def write(self, tag: int, value: float) -> None:
        """Set a writable tag, as an operator or a DCMD would; physics answers in the next steps.

        Set points keep what is written until a recipe is loaded, modes until `Mode.PRODUCTION` is written; a command
        tag takes a `Command`, which is carried out at once, and reads back 0 after one that was refused.

        Raises:
            BadInputError: ``not_ours``, ``not_writable``, ``out_of_range``, or ``not_now`` for a command or a mode that
                the machine's present state does not take.
        """
        row = self._tags[tag]
        if self._qualities[tag] != GOOD:
            raise BadInputError("not_ours", f"'{row.path}' is not simulated here")
        try:
            self._state = controls.written(self._fixed, self._state, row, value)
        except BadInputError:
            self.refuse(tag)
            raise
        self._read_back(tag)

    def refuse(self, tag: int) -> None:
        """What was to be written to a tag of ours cannot be: the tag shows what holds, a command tag none."""
        self._state = controls.refused(self._fixed, self._state, self._tags[tag])
        self._read_back(tag)

    def write_text(self, place: int, text: str) -> None:
        """Set a writable text (place among the enterprise's texts): a recipe, which loads its set points.

        Raises:
            BadInputError: ``not_ours``, ``not_writable``, or ``out_of_range`` for a text that means nothing there.
        """
        row = self._text_tags[place]
        if row.unit.path not in self._fixed.roster.row:
            raise BadInputError("not_ours", f"'{row.path}' is not simulated here")
        self._state = controls.loaded(self._fixed, self._state, row, place, text)
        self._texts[place] = text

    def planned_lines(self) -> tuple[tuple[str, str, str], ...]:
        """Site, area and line of each line that has a production plan."""
        return tuple((line.site, line.area, line.slug) for _, line in self._fixed.plan.lines)

    def plan_changes(self) -> NDArray[np.int64]:
        """When the plan of each of `planned_lines` changed last, UTC ms."""
        return self._state.plan.changed_ms

    def orders(self, line: int) -> tuple[Order, ...]:
        """The plan of one of `planned_lines`: the present order, then those to begin within a week."""
        return plan.listed(self._fixed.plan, self._state.plan, line)

    def snapshot(self) -> Snapshot:
        """The present moment, to `restore` later."""
        return Snapshot(self._state, self._dice.snapshot(), self._values.copy(), self._looked, self._stage.injections)

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a moment of a world of the same model, sites and seed."""
        self._state = snapshot.state
        self._dice.restore(snapshot.dice)
        self._values = snapshot.values.copy()
        self._looked = snapshot.instruments
        self._stage.restore(snapshot.injections)
        self._write_texts(self._stage.influences(self.now_ms, self.now_ms))

    def save(self, path: Path, moment: Snapshot | None = None) -> None:
        """Write the present moment, or the given one, to a file, whole or not at all."""
        now = moment or self.snapshot()
        header = saving.Header(self._identity, self._seed, now.dice, now.injections)
        saving.save(path, header, {"state": now.state, "values": now.values, "instruments": now.instruments})

    def load(self, path: Path) -> None:
        """Go on from a file.

        Raises:
            ConfigurationError: The file is of another model, other sites, another seed or another version, or broken.
        """
        like = {"state": self._state, "values": self._values, "instruments": self._looked}
        parts = saving.load(path, self._identity, self._seed, like)
        self.restore(Snapshot(dice=parts.header.dice, injections=parts.header.injections, **parts.content))

    def _read_back(self, tag: int) -> None:
        row = self._tags[tag]
        if controls.taken(self._fixed, row):
            self._values[tag] = controls.read_back(self._fixed, self._state, row)

    def _look(self, normal: Floats, influences: Influences) -> None:
        """Let the instruments see what is true now."""
        board, numbers = self._fixed.display, self._state.numbers
        faults = self._stage.sensors(self.now_ms)
        codes = numbers[board.text_place].astype(np.int64)
        self._looked = self._looked.look(numbers[board.place], faults.count_loss, codes, self.now_ms)
        self._values[board.tag] = self._instruments.shown(self._values[board.tag], self._looked, faults, normal)
        self._write_texts(influences)

    def _write_texts(self, influences: Influences) -> None:
        board, reasons = self._fixed.display, self._reasons
        delay_ms = np.where(reasons < 0, 0.0, 1000.0 * influences.reason_delay_s[reasons])
        codes = self._looked.told(delay_ms, self.now_ms)
        for i in np.flatnonzero(codes != self._codes):
            self._texts[board.text[i]] = board.formatters[i](int(codes[i]))
        self._codes = codes

    def _model_order(self) -> Ints:
        """Rows of the units in the order of the model, site after site."""
        units = self._fixed.roster
        return np.array([units.row[u.path] for s in units.sites for u in s.units if u.path in units.row], np.int64)

    def _by_site(self, rows: Ints) -> list[Ints]:
        sites = self._fixed.roster.site[rows]
        return [rows[sites == i] for i in range(len(self._fixed.roster.sites))]

    def _of_site(self, site: Ints) -> list[Ints]:
        return [np.flatnonzero(site == i) for i in range(len(self._fixed.roster.sites))]


def _identity(enterprise: Enterprise, tags: TagTable, texts: Sequence[TextTag], sites: Sequence[str]) -> str:
    """Digest of all that a saved state depends on: units, their physics and metrics, in their order."""
    lines = [enterprise.slug, *sites, *(tag.path for tag in tags), *(tag.path for tag in texts)]
    lines += [f"{'/'.join(unit.path)} {unit.type} {unit.feeds} {dict(unit.simulation)}" for unit in enterprise.units]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
