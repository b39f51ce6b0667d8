"""`alarms` of a place out of how its alarms stand."""

from __future__ import annotations

from collections.abc import Iterable

from plant.alarms.change import Standing
from plant.alarms.rules import Rule
from plant.alarms.states import State
from plant.messages import Alarm, AlarmsMessage, Words
from plant.model.enterprise import Text


def alarms_message(alarms: Iterable[tuple[Rule, Standing]]) -> AlarmsMessage:
    """What is not normal; alarms that are suppressed while their condition does not hold are only counted."""
    told, suppressed, newest = [], 0, 0
    for rule, standing in alarms:
        newest = max(newest, standing.changed)
        if standing.state is State.SUPPRESSED and not standing.active:
            suppressed += 1
        elif standing.state is not State.NORMAL:
            told.append(_alarm(rule, standing))
    return AlarmsMessage(newest, tuple(told), suppressed)


def _alarm(rule: Rule, standing: Standing) -> Alarm:
    said = rule.guidance
    return Alarm(
        alarm=rule.target,
        kind=rule.kind,
        priority=rule.priority,
        position=rule.position,
        state=standing.state,
        active=standing.active,
        since=standing.changed,
        raised=standing.raised,
        until=standing.until,
        who=standing.who,
        why=standing.why,
        value=standing.value,
        name=_words(said.name),
        cause=_words(said.cause),
        consequence=_words(said.consequence),
        action=_words(said.action),
    )


def _words(text: Text) -> Words:
    return Words(text.ru, text.en)
