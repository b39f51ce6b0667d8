"""Production minutes that are made as data come in."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from told_plant import BASE, Plant, fresh, ms

from collectors.batch import Batch
from collectors.counts import Counts
from collectors.production import ProductionMaker, Turned
from plant.historian.memory import MemoryHistorian
from plant.historian.open import open_historian
from plant.historian.protocol import MINUTE_MS, Historian, Retention
from plant.historian.tiers import TierMaker
from plant.packml import Mode, State
from plant.production.corrections import Correction
from plant.production.minutes import ProductionMinutes
from plant.production.reasons import load_reasons
from plant.production.rebuild import rebuild
from plant.readings import Columns, Event, EventKind

HOURS = 5
RAW_DAYS = 14


class Watched:
    """A plant, its historian, and what keeps its minutes: told piece by piece, at the pace of its own clock."""

    def __init__(self, plant: Plant, historian: Historian) -> None:
        self.plant, self.historian, self.counts = plant, historian, Counts()
        self.now = BASE
        self.told_until: int | None = None
        self.corrections: list[Correction] = []
        self.start()

    def start(self) -> None:
        """A process begins."""
        tags = self.plant.table.tags
        self.tiers = TierMaker(self.historian, tags, started_at=self.now)
        self.maker = ProductionMaker(
            self.historian,
            self.plant.table,
            ["site"],
            self.watermarks,
            lambda: self.now,
            self.counts,
            RAW_DAYS,
            lambda start, end: [each for each in self.corrections if each.start < end and each.end > start],
        )

    def watermarks(self) -> np.ndarray:
        """All edge nodes have told everything before now, or before a time that a test gives."""
        told = self.now - 1 if self.told_until is None else min(self.told_until, self.now - 1)
        return np.full(len(self.plant.table), told)

    def tell(self, columns: Columns, events: list[Event]) -> None:
        """Something becomes durable; the time now is not before any of it."""
        self.now = max(self.now, int(columns.time.max(initial=0)), *(event.time for event in events), 0)
        self.historian.write(columns)
        self.historian.write_events(events)
        batch = Batch.of(Columns.empty(), columns, tuple(events))
        self.tiers.touch(batch.columns)
        self.maker.touch(batch)

    def work(self, turns: int = 3) -> None:
        """Tiers are made, and what is due after them."""
        for _ in range(2):
            self.tiers.make(self.now + 10_000)
            self.maker.tiers_made()
        for _ in range(turns):
            self.maker.turn()

    def finish(self) -> None:
        """All that is owed is made."""
        self.tiers.make(self.now + 10_000)
        assert self.maker.finish(lambda: True, deep=True)

    def kept(self, historian: Historian | None = None) -> ProductionMinutes:
        """All minutes that are over."""
        end = self.now - self.now % MINUTE_MS
        return (historian or self.historian).production(range(len(self.plant.table)), 0, end)

    def rebuilt(self) -> ProductionMinutes:
        """The minutes as they are made afterwards, of the same time."""
        kept = self.kept()
        start, end = int(kept.time.min()), int(kept.time.max()) + MINUTE_MS
        copy = _Copy(self.historian, self.plant)
        rebuild(
            copy,
            self.plant.table,
            load_reasons(),
            start,
            end,
            self.watermarks(),
            until=end,
            corrections=self.corrections,
        )
        return self.kept(copy)


class _Copy(MemoryHistorian):
    """Another place for the minutes of what a historian holds."""

    def __init__(self, of: Historian, plant: Plant) -> None:
        super().__init__(plant.table.tags)
        self.raw, self.held, self.tier, self.events, self.span = of.raw, of.held, of.tier, of.events, of.span


def told(plant: Plant) -> list[tuple[Columns, list[Event]]]:
    """All that a plant tells, one by one in the order of time, states as readings as well."""
    pieces: list[tuple[int, Columns, list[Event]]] = [
        (row[1], Columns.of(*([each] for each in row)), []) for row in (*plant.readings, *plant.levels)
    ]
    for event in plant.events:
        tag = plant.table.tags.by_storage(f"{event.unit}/{event.metric}")
        rows = Columns.empty()
        if event.kind is not EventKind.TEXT:
            assert tag is not None
            rows = Columns.of([tag.index], [event.time], [float(event.code)], [event.quality])
        pieces.append((event.time, rows, [event]))
    return [(rows, events) for _, rows, events in sorted(pieces, key=lambda piece: piece[0])]


def shift(hours: float = HOURS) -> Plant:
    """Some hours: boards in lots that leave the dryer 50 minutes later, short and long stops, bags beside."""
    plant = fresh()
    plant.runs()
    plant.runs("packs/packer", order="bags-3", product="bag")
    for ref in ("boards/dryer", "boards/stacker", "binder/mill", "binder/calciner"):
        plant.state(0, State.EXECUTE, ref)
        plant.mode(0, Mode.PRODUCTION, ref)
    plant.level(0, 60.0)
    for second in range(0, int(hours * 3600), 20):
        running = not any(start <= second < end for start, end in STOPS)
        if second % 1800 == 0:
            plant.text(second, "lot", f"lot-{second // 1800}")
        if second >= 3000 and (second - 3000) % 1800 == 0:
            plant.text(second, "lot", f"lot-{(second - 3000) // 1800}", "boards/stacker")
        if running:
            plant.count(second, "produced", second * 1.5)
        if second >= 3000:
            plant.count(second, "good", (second - 3000) * 1.4, "boards/stacker")
        plant.count(second, "good", second // 60 * 0.5, "packs/packer")
    for start, end in STOPS:
        plant.state(start, State.HELD)
        plant.text(min(start + 90, end - 1), "reason", "mechanical")
        plant.state(end, State.EXECUTE)
        plant.text(end, "reason", "")
    return plant


STOPS = ((1000, 1120), (4000, 5500), (9000, 9290), (12_010, 12_400))


def same(one: ProductionMinutes, other: ProductionMinutes) -> None:
    """Equal, but for the last digits of sums."""
    assert len(one) == len(other)
    for name, column in one.arrays.items():
        np.testing.assert_allclose(other.arrays[name], column, rtol=1e-9, atol=1e-9, err_msg=name)


def live(watched: Watched, pieces: list[tuple[Columns, list[Event]]], size: int) -> None:
    """Tell pieces, so many at a time, and let it work in between."""
    for first in range(0, len(pieces), size):
        part = pieces[first : first + size]
        watched.tell(Columns.concat(rows for rows, _ in part), [event for _, events in part for event in events])
        watched.work()


def test_minutes_made_live_are_those_of_a_rebuild() -> None:
    """Piece by piece in the order of time; nothing is left to do but what is deep."""
    watched = Watched(shift(), MemoryHistorian(fresh().table.tags))
    live(watched, told(watched.plant), 40)
    watched.finish()
    kept = watched.kept()
    same(kept, watched.rebuilt())
    assert kept.produced.sum() > 20_000
    assert kept.good[kept.line == watched.plant.line("boards")].sum() > 10_000
    assert set(kept.loss.tolist()) >= {1, 2}


def test_they_are_made_in_the_embedded_historian_as_well(tmp_path: Path) -> None:
    """The same, with names for indices and rows that are replaced."""
    plant = shift(3)
    with closing(open_historian("", plant.table.tags, tmp_path, Retention())) as historian:
        watched = Watched(plant, historian)
        live(watched, told(plant), 200)
        watched.finish()
        same(watched.kept(), watched.rebuilt())


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(60, 400), late=st.floats(0, 0.5))
def test_order_and_lateness_make_no_difference(seed: int, size: int, late: float) -> None:
    """Whatever comes however late, once all has come and all passes are made the minutes are those of a rebuild."""
    rng = np.random.default_rng(seed)
    watched = Watched(shift(4), MemoryHistorian(fresh().table.tags))
    pieces = told(watched.plant)
    delay = np.where(rng.random(len(pieces)) < late, rng.exponential(len(pieces) / 4, len(pieces)), 0.0)
    live(watched, [pieces[number] for number in np.argsort(np.arange(len(pieces)) + delay, kind="stable")], size)
    watched.finish()
    same(watched.kept(), watched.rebuilt())


def test_a_late_reading_restates_what_was_settled() -> None:
    """A stop of which nobody knew: its minutes and those of its lot change, are counted and told once a line."""
    watched = Watched(shift(4), MemoryHistorian(fresh().table.tags))
    pieces = told(watched.plant)
    begin, end = (ms(second) for second in STOPS[1])
    late = [piece for piece in pieces if any(begin <= event.time < end for event in piece[1])]
    live(watched, [piece for piece in pieces if not any(piece is each for each in late)], 100)
    watched.work(20)
    boards = watched.plant.line("boards")
    before = watched.kept()
    assert not before.provisional[(before.line == boards) & (before.time < ms(4000))].any()
    watched.counts.minutes_restated = 0
    with capture_logs() as lines:
        live(watched, late, len(late))
        watched.finish()
    same(watched.kept(), watched.rebuilt())
    restated = [line for line in lines if line["event"] == "settled minutes are restated"]
    assert {line["cause"] for line in restated} == {"readings came late"}
    assert watched.counts.minutes_restated == sum(line["minutes"] for line in restated) >= (5500 - 4000) // 60


def test_minutes_are_provisional_until_all_is_told_and_settled_afterwards() -> None:
    """Nothing but the watermark moves: the minutes are made again without it being a restatement."""
    watched = Watched(shift(3), MemoryHistorian(fresh().table.tags))
    watched.told_until = ms(3600)
    live(watched, told(watched.plant), 200)
    watched.work(20)
    kept = watched.kept()
    assert kept.provisional[kept.time >= ms(3600)].all()
    packs = kept.line == watched.plant.line("packs")
    assert not kept.provisional[packs & (kept.time < ms(3540))].any()
    watched.told_until = None
    watched.now += MINUTE_MS
    watched.work(5)
    kept = watched.kept()
    assert not kept.provisional[kept.line == watched.plant.line("packs")].any()
    formed = (kept.line == watched.plant.line("boards")) & (kept.produced > 0)
    assert kept.provisional[formed & (kept.time > ms(9000))].all(), "not dried yet"
    assert watched.counts.minutes_restated == 0
    assert watched.maker.state.settled_until == {"site": watched.now // MINUTE_MS * MINUTE_MS - MINUTE_MS}


def test_another_process_goes_on_where_one_was_killed() -> None:
    """What it had not made is made, and what came after its newest minute; nothing is owed twice or forgotten."""
    watched = Watched(shift(4), MemoryHistorian(fresh().table.tags))
    pieces = told(watched.plant)
    third = len(pieces) // 3
    live(watched, pieces[:third], 100)
    for rows, events in pieces[third : 2 * third]:  # durable, and the process is gone
        watched.tell(rows, events)
    watched.tiers.make(watched.now + 10_000)
    watched.start()
    watched.work(5)
    newest = watched.kept().time.max()
    assert newest == watched.now // MINUTE_MS * MINUTE_MS - MINUTE_MS
    live(watched, pieces[2 * third :], 100)
    watched.finish()
    same(watched.kept(), watched.rebuilt())


def test_a_history_without_minutes_gets_them() -> None:
    """As after an update: the first start makes all that readings are kept for."""
    watched = Watched(shift(4), MemoryHistorian(fresh().table.tags))
    for rows, events in told(watched.plant):
        watched.tell(rows, events)
    watched.tiers.make(watched.now + 10_000)
    watched.start()
    watched.work(10)
    kept = watched.kept()
    assert kept.time.min() <= BASE
    same(kept, watched.rebuilt())


def test_a_correction_makes_its_minutes_again() -> None:
    """Entered for minutes that were settled: the amounts are in them, and that is a restatement."""
    watched = Watched(shift(2), MemoryHistorian(fresh().table.tags))
    live(watched, told(watched.plant), 200)
    watched.work(5)
    before = watched.kept()
    correction = Correction("c-1", "site/packs", ms(600), ms(1800), 4.0, 3.0, 1.0, "ivanov", "the scale stood still")
    watched.corrections.append(correction)
    watched.maker.remake(correction.line, correction.start, correction.end)
    with capture_logs() as lines:
        watched.work(2)
    after = watched.kept()
    packs = watched.plant.line("packs")
    added = after.produced[after.line == packs].sum() - before.produced[before.line == packs].sum()
    assert round(float(added), 9) == 4.0
    assert [line["cause"] for line in lines if line["event"] == "settled minutes are restated"] == [
        "a correction was entered"
    ]
    watched.finish()
    same(watched.kept(), watched.rebuilt())


def test_what_births_tell_again_is_no_news() -> None:
    """A value with the time since which it holds, however long ago: no minute is owed for it."""
    watched = Watched(shift(2), MemoryHistorian(fresh().table.tags))
    pieces = told(watched.plant)
    live(watched, pieces, 200)
    watched.work(5)
    watched.finish()
    newest = {int(rows.tag[0]): piece for piece in pieces if len(rows := piece[0])}
    watched.tell(Columns.concat(rows for rows, _ in newest.values()), [])
    for _ in range(2):
        watched.maker.tiers_made()
    assert watched.maker.turn() is Turned.NOTHING


def test_lines_that_tell_nothing_cost_nothing() -> None:
    """A collector of other sites has no work, whatever becomes durable."""
    plant, historian, counts = shift(1), MemoryHistorian(fresh().table.tags), Counts()
    maker = ProductionMaker(historian, plant.table, [], lambda: np.zeros(3), lambda: BASE, counts, RAW_DAYS)
    assert maker.idle
    rows, events = told(plant)[0]
    maker.touch(Batch.of(Columns.empty(), rows, tuple(events)))
    assert maker.turn() is Turned.NOTHING
