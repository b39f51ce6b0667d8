from dataclasses import dataclass, field

import orjson
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from live_plant import unit_state
from screens import FORMER, KILN, NOW, HandClock, tiny

from dashboard.live.hub import BEAT_TICKS, KEPT_TICKS, SLOW_TICKS, STANDSTILL_MS, TICK_S, Hub, Tab
from dashboard.live.scopes import scopes
from dashboard.live.store import LiveStore
from plant.messages import Value, ValuesMessage
from plant.packml import State
from plant.readings import GOOD, STALE

SITE = "site/alpha"
TICK_MS = round(TICK_S * 1000)


class Bench:
    """A hub over a store that the test fills, with a clock turned by hand."""

    def __init__(self, epoch: str = "run-1") -> None:
        self.clock = HandClock()
        self.store = LiveStore(self.clock)
        self.hub = Hub(self.store, scopes(tiny()), ("alpha", "beta"), self.clock, epoch)

    def put(self, value: float, unit: str = KILN, quality: int = GOOD) -> None:
        """A new value, at the time of the clock."""
        self.store.put_values(unit, ValuesMessage(self.clock.now, {"power": Value(value, self.clock.now, quality)}))

    def tick(self, times: int = 1) -> None:
        """Go on by ticks."""
        for _ in range(times):
            self.clock.now += TICK_MS
            self.hub.tick()


@dataclass
class Screen:
    """What a page makes of the frames it gets, as live-link.js does."""

    values: dict[str, float] = field(default_factory=dict)
    points: list[float] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    full: int = 0

    def take(self, messages: list[str]) -> None:
        """Take in frames in order."""
        for message in messages:
            frame = orjson.loads(message)
            if "scope" not in frame:
                continue
            self.seen[frame["scope"]] = frame["n"]
            self.full += frame.get("full", 0)
            for unit, metrics in frame.get("v", {}).items():
                for key, (value, *_) in metrics.items():
                    self.values[f"{unit}/{key}"] = value
                    self.points.append(value)


def _frames(messages: list[str]) -> list[dict[str, object]]:
    return [frame for frame in map(orjson.loads, messages) if "scope" in frame]


def test_a_new_tab_gets_a_snapshot_and_then_changes() -> None:
    """First everything that is known, then only what changes, encoded as documented."""
    bench = Bench()
    bench.put(150.0)
    bench.store.put_state(KILN, unit_state(State.EXECUTE, NOW, NOW - 5_000))
    bench.tick()
    with Tab(bench.hub) as tab:
        tab.watch({SITE: -1}, "")
        [first] = _frames(tab.pending())
        assert first["full"] == 1
        assert first["v"] == {KILN: {"power": [150.0, TICK_MS]}}
        assert first["s"] == {KILN: ["EXECUTE", NOW - 5_000, "PRODUCTION", 192]}
        bench.put(151.0, quality=STALE)
        bench.tick()
        [second] = _frames(tab.pending())
        assert second["v"] == {KILN: {"power": [151.0, TICK_MS, STALE]}}
        assert "full" not in second
        bench.tick()
        assert _frames(tab.pending()) == []


def test_changes_between_two_ticks_are_one() -> None:
    """Of many changes of a value between two ticks the newest is sent."""
    bench = Bench()
    with Tab(bench.hub) as tab:
        tab.watch({SITE: -1}, "")
        tab.pending()
        for value in range(10):
            bench.put(float(value))
        bench.tick()
        screen = Screen()
        screen.take(tab.pending())
        assert screen.points == [9.0]


def test_a_scope_holds_its_own_only() -> None:
    """A tab that watches one site hears nothing of another, and of the group only what the overview needs."""
    bench = Bench()
    with Tab(bench.hub) as site, Tab(bench.hub) as group:
        site.watch({"site/beta": -1}, "")
        group.watch({"group": -1}, "")
        site.pending(), group.pending()
        bench.put(150.0)
        bench.tick()
        assert _frames(site.pending()) == []
        assert _frames(group.pending())[0]["v"] == {KILN: {"power": [150.0, TICK_MS]}}
        bench.store.put_values(KILN, ValuesMessage(NOW, {"temperature": Value(155.0, NOW, GOOD)}))
        bench.tick()
        assert _frames(group.pending()) == []


def test_a_frame_is_encoded_once_for_all_tabs() -> None:
    """All tabs of a scope get the very same text."""
    bench = Bench()
    with Tab(bench.hub) as one, Tab(bench.hub) as other:
        for tab in (one, other):
            tab.watch({SITE: -1}, "")
        assert one.pending()[0] is other.pending()[0]
        bench.put(150.0)
        bench.tick()
        assert one.pending()[0] is other.pending()[0]


def test_a_tab_that_comes_back_gets_what_it_missed() -> None:
    """After a short cut a tab gets exactly the frames after its last one, no snapshot."""
    bench = Bench()
    screen = Screen()
    with Tab(bench.hub) as tab:
        tab.watch({SITE: -1}, "")
        for value in range(3):
            bench.put(float(value))
            bench.tick()
            screen.take(tab.pending())
    for value in range(3, 8):
        bench.put(float(value))
        bench.tick()
    with Tab(bench.hub) as again:
        again.watch({SITE: screen.seen[SITE]}, "run-1")
        before = screen.full
        screen.take(again.pending())
    assert screen.points[-5:] == [3.0, 4.0, 5.0, 6.0, 7.0]
    assert screen.full == before


@pytest.mark.parametrize(("epoch", "ticks"), [("run-0", 1), ("run-1", KEPT_TICKS + 1)])
def test_a_tab_that_was_away_too_long_gets_a_snapshot(epoch: str, ticks: int) -> None:
    """Numbers of another run of the server, or older than what is kept, are answered with everything."""
    bench = Bench()
    with Tab(bench.hub) as tab:
        tab.watch({SITE: -1}, "")
        bench.put(1.0)
        bench.tick()
        tab.pending()
    bench.put(2.0)
    bench.tick(ticks)
    bench.put(3.0)
    bench.tick()
    with Tab(bench.hub) as again:
        again.watch({SITE: 1}, epoch)
        [frame] = _frames(again.pending())
        assert frame["full"] == 1
        assert frame["v"] == {KILN: {"power": [3.0, TICK_MS]}}


def test_a_slow_tab_gets_the_newest_and_no_queue() -> None:
    """A tab that could not take frames for a while gets one snapshot, however much was missed."""
    bench = Bench()
    with Tab(bench.hub) as tab:
        tab.watch({SITE: -1}, "")
        tab.pending()
        for value in range(SLOW_TICKS + 5):
            bench.put(float(value))
            bench.tick()
        tab.drop_backlog()
        [frame] = _frames(tab.pending())
        assert frame["full"] == 1
        assert frame["v"] == {KILN: {"power": [SLOW_TICKS + 4.0, TICK_MS]}}
        bench.tick()
        tab.drop_backlog()
        assert _frames(tab.pending()) == []


def test_a_page_change_keeps_what_is_watched_on() -> None:
    """A scope that is watched before and after a page change goes on; a new one starts with a snapshot."""
    bench = Bench()
    with Tab(bench.hub) as tab:
        tab.watch({"group": -1}, "")
        tab.pending()
        tab.watch({"group": -1, SITE: -1}, "run-1")
        assert [frame["scope"] for frame in _frames(tab.pending())] == [SITE]


def test_unknown_scopes_are_left_out() -> None:
    """A tab cannot watch what does not exist."""
    bench = Bench()
    with Tab(bench.hub) as tab:
        tab.watch({"site/nowhere": -1, SITE: -1}, "")
        assert set(tab.places) == {SITE}


def test_the_heart_beats_once_a_second() -> None:
    """Once a second there is a beat that says how the data of each site come in."""
    bench = Bench()
    with Tab(bench.hub) as tab:
        beats = []
        for _ in range(2 * BEAT_TICKS):
            bench.tick()
            beats += [orjson.loads(message) for message in tab.pending()]
    assert [beat["t"] for beat in beats] == [NOW, NOW + 1_000, NOW + 2_000]
    assert beats[-1]["sites"] == {"alpha": [None, "away"], "beta": [None, "away"]}
    assert beats[-1]["broker"] == 0


def test_a_channel_that_nobody_watches_is_closed() -> None:
    """A minute after its last tab a channel makes no more frames, and opens again when asked."""
    bench = Bench()
    with Tab(bench.hub) as tab:
        tab.watch({SITE: -1}, "")
        tab.pending()
        bench.tick(KEPT_TICKS + 2)
        assert SITE in bench.hub._channels
    bench.tick(KEPT_TICKS + 2)
    assert SITE not in bench.hub._channels


def test_a_hub_that_stands_still_is_noticed() -> None:
    """Without ticks the hub says after some seconds that it does not tick."""
    bench = Bench()
    assert bench.hub.is_ticking
    bench.clock.now += STANDSTILL_MS
    assert not bench.hub.is_ticking
    bench.tick()
    assert bench.hub.is_ticking


class TabsComeAndGo(RuleBasedStateMachine):
    """Any order of values, ticks, cuts and returns leaves the screen as the store."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.screen = Screen()
        self.tab: Tab | None = None
        self.count = 0
        self.come()

    def come(self) -> None:
        """Connect with what the screen has seen."""
        self.tab = Tab(self.bench.hub).__enter__()
        self.tab.watch({SITE: self.screen.seen.get(SITE, -1)}, "run-1")
        self.screen.take(self.tab.pending())

    @rule(unit=st.sampled_from([KILN, FORMER]))
    def value(self, unit: str) -> None:
        """A new value, larger than all before."""
        self.count += 1
        self.bench.put(float(self.count), unit)

    @rule(times=st.sampled_from([1, 2, SLOW_TICKS + 2, KEPT_TICKS + 3]))
    def tick(self, times: int) -> None:
        """Time goes on; a connected tab takes what there is at each tick."""
        for _ in range(times):
            self.bench.tick()
            if self.tab is not None:
                self.screen.take(self.tab.pending())

    @precondition(lambda self: self.tab is not None)
    @rule()
    def cut(self) -> None:
        """The connection is gone."""
        assert self.tab is not None
        self.tab.__exit__(None, None, None)
        self.tab = None

    @precondition(lambda self: self.tab is None)
    @rule()
    def back(self) -> None:
        """The tab comes back."""
        self.come()

    @invariant()
    def screen_is_store(self) -> None:
        """Right after a tick a connected screen shows what the store holds."""
        if self.tab is None:
            return
        self.bench.tick()
        self.screen.take(self.tab.pending())
        for unit in (KILN, FORMER):
            known = self.bench.store.value(f"{unit}/power")
            if known is not None:
                assert self.screen.values[f"{unit}/power"] == known.value


TestTabsComeAndGo = TabsComeAndGo.TestCase
TestTabsComeAndGo.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
