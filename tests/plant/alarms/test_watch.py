"""One rule through any life: only the standard's transitions, and the alarm is told when its condition holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from watching import columns, engine
from watching import rule as alarm

from plant.alarms.change import Standing
from plant.alarms.kinds.condition import NEVER
from plant.alarms.rules import Limit, Running
from plant.alarms.states import ASIDE, Event, State, after
from plant.readings import BAD, GOOD

VALUE, STATE = 0, 1
EXECUTE, STOPPED = 6, 2
OPERATOR = (Event.ACKNOWLEDGE, Event.RESET, Event.SHELVE, Event.UNSHELVE, Event.REMOVE, Event.RESTORE, Event.COMMENT)


class Life(RuleBasedStateMachine):
    """A limit with deadband, delays and a unit that runs or not; a restart may come at any moment."""

    @initialize(
        on=st.sampled_from([0, 3, 10]),
        off=st.sampled_from([0, 4]),
        latches=st.booleans(),
        settle=st.sampled_from([0, 5]),
        governed=st.booleans(),
    )
    def begin(self, on, off, latches, settle, governed):
        """A rule of any shape."""
        self.rule = alarm(
            "t.h",
            Limit(VALUE, 100.0, above=True, deadband=5.0),
            on_delay_ms=on,
            off_delay_ms=off,
            latches=latches,
            suppression=Running(STATE, frozenset({EXECUTE}), settle) if governed else None,
        )
        self.engine = engine([self.rule])
        self.now = 1_000
        self.last = Standing()
        self.kept = Standing()
        self.doubtful_until = NEVER if governed else 0

    @rule(value=st.sampled_from([90.0, 95.0, 98.0, 100.0, 101.0, 120.0]), quality=st.sampled_from([GOOD, GOOD, BAD]))
    def measure(self, value, quality):
        """The value is read."""
        self.engine.feed(columns([(VALUE, self.now, value, quality)]))

    @rule(code=st.sampled_from([EXECUTE, STOPPED]))
    def turn(self, code):
        """The unit runs or stops."""
        self.engine.feed(columns([(STATE, self.now, float(code))]))
        if self.rule.suppression is not None and self.doubtful_until == NEVER:
            self.doubtful_until = self.now + self.rule.suppression.settle_ms

    @rule(step=st.integers(0, 12))
    def wait(self, step):
        """Time passes."""
        self.now += step
        self.engine.advance(self.now)

    @rule(event=st.sampled_from(OPERATOR), length=st.integers(1, 20))
    def operate(self, event, length):
        """Somebody does something; it is refused when nothing changes."""
        before = self.engine.standing(self.rule.key)
        until = self.now + length if event is Event.SHELVE else None
        done = self.engine.command(self.rule.key, event, self.now, who="anna", why="because", until=until)
        now = self.engine.standing(self.rule.key)
        assert done == (now.number > before.number)

    @rule()
    def restart(self):
        """The process is killed; the next one knows what was kept."""
        self.check()
        self.engine = engine([self.rule], {self.rule.key: self.kept}, started=self.now)
        assert not self.engine.take(), "a start alone changes nothing"
        self.doubtful_until = NEVER if self.rule.suppression is not None else 0

    @invariant()
    def check(self):
        """Each change follows the one before by an arrow of the standard; the last one is how the alarm stands."""
        if not hasattr(self, "engine"):
            return
        for change in self.engine.take():
            assert change.before is self.last.state
            assert change.now.number == self.last.number + 1
            assert change.time >= self.last.changed
            if change.before in ASIDE and change.event in {Event.RAISE, Event.CLEAR}:
                assert change.now.state is change.before
            else:
                arrows = {
                    after(
                        change.before, change.event, active=change.now.active, latches=self.rule.latches, suppressed=s
                    )
                    for s in (False, True)
                }
                assert change.now.state in arrows
            assert (change.now.until is not None) == (change.now.state is State.SHELVED)
            self.last = self.kept = change.now
        standing = self.engine.standing(self.rule.key)
        assert standing.state is self.last.state
        if standing.state in {State.UNACKNOWLEDGED, State.ACKNOWLEDGED}:
            assert standing.active
        if standing.state in {State.RETURNED, State.LATCHED, State.LATCHED_ACKNOWLEDGED}:
            unknown = self.now <= self.doubtful_until
            assert not standing.active or unknown, "only an alarm that may have no meaning waits to be told"


TestLife = Life.TestCase


STEPS = st.one_of(
    st.sampled_from([90.0, 98.0, 101.0, 120.0]),
    st.sampled_from(OPERATOR),
)


@given(st.lists(st.tuples(STEPS, st.integers(0, 12)), min_size=1, max_size=30), st.data(), st.booleans())
def test_a_restart_at_any_moment_changes_nothing_that_follows(steps, data, latches):
    """From what was kept and the births that tell the present, the same events lead through the same states."""
    high = alarm("t.h", Limit(VALUE, 100.0, above=True, deadband=5.0), latches=latches)
    cut = data.draw(st.integers(0, len(steps)))
    steady, now, value = engine([high]), 1_000, None
    after_restart = None
    for number, (step, wait) in enumerate([*steps, (90.0, 0)]):
        if number == cut:
            kept = {high.key: steady.standing(high.key)}
            steady.take()
            after_restart = engine([high], kept, started=now)
            if value is not None:
                after_restart.feed(columns([(VALUE, now, value)]), anew=True)
        now += wait + 1
        for each in (steady, after_restart):
            if each is None:
                continue
            each.advance(now)
            if isinstance(step, float):
                each.feed(columns([(VALUE, now, step)]))
            else:
                until = now + 10 if step is Event.SHELVE else None
                each.command(high.key, step, now, who="anna", why="because", until=until)
        value = step if isinstance(step, float) else value
    assert after_restart is not None
    assert after_restart.take() == steady.take()
