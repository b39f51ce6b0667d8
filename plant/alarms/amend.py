"""Bring an alarm of the present into line with what history tells of the time in which nobody could watch.

| history tells of | then |
|---|---|
| an alarm that came and went | both are written down, and nobody is called |
| one that came and is still there | it has its true beginning |
| one that had gone earlier than was seen | the true end is written down |
| one that had gone and came again while it seemed to stay | it is annunciated anew, with its true beginning |
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from plant.alarms.change import Change, Standing
from plant.alarms.states import ASIDE, Event

if TYPE_CHECKING:
    from plant.alarms.watch import Watch


def amend(watch: Watch, before: Standing, past: Sequence[Change], until: int) -> None:
    """See `plant.alarms.engine.Engine.amend`."""
    turns = [change for change in past if change.event in {Event.RAISE, Event.CLEAR} and not change.is_silent]
    ended = turns.pop(0) if turns and turns[0].event is Event.CLEAR else None
    began = turns.pop() if turns and turns[-1].event is Event.RAISE else None
    stayed = before.active and watch.standing.active and watch.standing.raised == before.raised
    if ended is not None and stayed and began is not None and watch.standing.state not in ASIDE:
        watch.switch(ended.time, active=False, value=ended.now.value)
    elif ended is not None and not watch.standing.active and ended.time < watch.standing.changed:
        watch.backdate(ended.time)
    for raised, cleared in pairwise(turns):
        if (raised.event, cleared.event) == (Event.RAISE, Event.CLEAR):
            watch.pass_by(raised.time, cleared.time, raised.now.value)
    if began is not None:
        _begin(watch, began, until)


def _begin(watch: Watch, began: Change, until: int) -> None:
    """It was there at the end of that time."""
    standing = watch.standing
    if standing.state in ASIDE:
        return
    if standing.active:
        if standing.raised is not None and standing.raised > began.time:
            watch.backdate(began.time)
    elif watch.pending or watch.condition.abnormal:
        watch.switch(began.time, active=True, value=began.now.value)
    else:
        watch.pass_by(began.time, until, began.now.value)
