"""A scenario file as pydantic reads it, and what it means: who is hit, when, and by what.

Times are texts such as ``90 s``, ``20 min``, ``2.5 h`` or ``1 d``; they count from the start of the scenario.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from plant.durations import EXAMPLES, duration_ms
from plant.model.enterprise import Role, SiteStatus
from plant.model.mistakes import Mistakes, did_you_mean
from simulators.scenarios.effects import EFFECTS, Effect, Kind, On
from simulators.world.transitions import Cause

SITE, EVERYWHERE = "site", "everywhere"
"""Targets that every scenario has: all units of the site that it is played at, and all units of the world."""


def _duration(value: Any) -> int:
    length = duration_ms(value)
    if length is None:
        wrong = {"problem": f"'{value}' is no length of time", "mend": EXAMPLES}
        raise PydanticCustomError("wrong", "{problem}", wrong)
    return length


def _cause(value: Any) -> Cause | None:
    keys = [cause.name.lower() for cause in Cause if cause is not Cause.NONE]
    if value is None or value in keys:
        return None if value is None else Cause[value.upper()]
    wrong = {"problem": f"'{value}' is no cause", "mend": did_you_mean(str(value), keys)}
    raise PydanticCustomError("wrong", "{problem}", wrong)


Duration = Annotated[int, BeforeValidator(_duration)]
"""A length of time, ms."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(_Written):
    """A text that people see."""

    ru: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Pick(StrEnum):
    """How many of the units that fit are hit."""

    FIRST = "first"
    ALL = "all"


class Target(_Written):
    """Which units of the site are meant; all that is given must hold.

    Attributes:
        physics: Their kind of physics is one of these.
        metric: They have a metric of this key; an effect on tags hits that one.
        role: They have a metric of this role; an effect on tags hits those.
        limited: They have a metric with alarm limits; an effect on tags hits those only.
        source: Nobody in the model feeds them (or somebody does).
        line_of: They stand on the same line as those of this other target.
        fed_by: They are fed by those of this other target.
        products: The least number of products that their line makes.
        pick: The first in the order of the model, or all; an effect on tags hits the first or all that fit.
        optional: A site without such units will do.
    """

    physics: tuple[str, ...] = ()
    metric: str | None = None
    role: Role | None = None
    limited: bool = False
    source: bool | None = None
    line_of: str | None = None
    fed_by: str | None = None
    products: int = Field(0, ge=0)
    pick: Pick = Pick.FIRST
    optional: bool = False


class Step(_Written):
    """One thing that is done.

    Attributes:
        effect: A key of `EFFECTS`.
        of: Name of a target.
        at: When it begins, ms after the start.
        length: How long it lasts, ms; to the end of the scenario where it is not given. Written as ``for``.
        ramp: Time in which it comes, ms; `fade` the time in which it goes after its end.
        to: What it comes to; the effect says what that means.
        cause: Key of the reason, for failures and holds.
        every: It comes and goes with this period, ms, and is there for `lasts` of it.
        by: How long messages are held back, ms.
    """

    effect: str
    of: str
    at: Duration = 0
    length: Duration | None = Field(None, alias="for")
    ramp: Duration = 0
    fade: Duration = 0
    to: float | None = None
    cause: Annotated[Cause | None, BeforeValidator(_cause)] = None
    every: Duration | None = None
    lasts: Duration | None = None
    by: Duration | None = None

    @property
    def row(self) -> Effect:
        """The effect."""
        return EFFECTS[self.effect]


class Scenario(_Written):
    """A scenario.

    Attributes:
        scenario: Its name, which is also the name of its file.
        title: In a few words; `what_to_see` says in one or two sentences what an observer should notice.
        length: After this time it is over, ms.
        status: Of the sites that it is meant for, where it matters.
        targets: By name, beside `SITE` and `EVERYWHERE`.
        steps: In any order.
    """

    scenario: str
    title: Bilingual
    what_to_see: Bilingual
    length: Duration
    status: SiteStatus | None = None
    targets: dict[str, Target] = Field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def end(self, step: Step) -> int:
        """When a step is over, its fading left out, ms after the start."""
        return self.length if step.length is None else step.at + step.length


def check(scenario: Scenario, mistakes: Mistakes) -> None:
    """Note what no single field can know to be wrong."""
    known = [SITE, EVERYWHERE, *scenario.targets]
    for name, target in scenario.targets.items():
        if name in {SITE, EVERYWHERE}:
            mistakes.add(("targets", name), f"'{name}' is a target that every scenario has", "choose another name")
        for field, other in (("line_of", target.line_of), ("fed_by", target.fed_by)):
            earlier = list(scenario.targets)[: list(scenario.targets).index(name)]
            if other is not None and other not in earlier:
                mistakes.add(
                    ("targets", name, field), f"there is no target '{other}' above", did_you_mean(other, earlier)
                )
    for i, step in enumerate(scenario.steps):
        for key, problem, mend in _wrong_in(scenario, step, known):
            mistakes.add(("steps", i, key), problem, mend)


def _wrong_in(scenario: Scenario, step: Step, known: list[str]) -> Iterator[tuple[str, str, str]]:
    """Key, problem and mend of each mistake in a step."""
    if step.of not in known:
        yield "of", f"there is no target '{step.of}'", did_you_mean(step.of, known)
    if step.effect not in EFFECTS:
        yield "effect", f"there is no effect '{step.effect}'", did_you_mean(step.effect, EFFECTS)
        return
    effect = step.row
    if effect.kind is Kind.LEVEL:
        if step.to is None:
            yield "effect", f"'{step.effect}' lacks 'to'", f"add 'to: ...' ({effect.says})"
        elif not effect.low <= step.to <= effect.high:
            yield "to", f"'to' is {step.to:g}", f"it must lie in {effect.low:g} to {effect.high:g} ({effect.says})"
    elif step.to is not None:
        yield "to", f"'{step.effect}' has no 'to'", "remove it"
    if scenario.end(step) + step.fade > scenario.length:
        yield "for", "the step lasts beyond the scenario's length", "lengthen the scenario or shorten the step"
    yield from _wrong_companions(scenario, step)


def _wrong_companions(scenario: Scenario, step: Step) -> Iterator[tuple[str, str, str]]:
    if (step.effect in {"fail", "hold"}) != (step.cause is not None):
        mend = "add one, such as 'cause: mechanical'" if step.cause is None else "remove it"
        yield "cause" if step.cause is not None else "effect", "failures and holds, and only they, have a 'cause'", mend
    if (step.effect == "late") != (step.by is not None):
        yield "by" if step.by is not None else "effect", "'late', and only it, says 'by' how much", "write 'by: 45 s'"
    if (step.every is None) != (step.lasts is None):
        yield "every" if step.every is not None else "lasts", "'every' and 'lasts' go together", "give both"
    if step.effect in EFFECTS and step.row.kind is not Kind.LEVEL and (step.ramp or step.fade):
        yield "ramp" if step.ramp else "fade", f"'{step.effect}' is there or not", "remove 'ramp' and 'fade'"
    target = scenario.targets.get(step.of)
    on_tags = step.effect in EFFECTS and step.row.on is On.TAGS
    if on_tags and (target is None or not (target.metric or target.role)):
        yield "of", f"'{step.effect}' acts on metrics, and '{step.of}' names none", "give the target a metric or role"
