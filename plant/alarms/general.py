"""Rules that need no file: machines that abort, instruments that fail, sources that fall silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from plant.alarms.rules import BadQuality, Behind, Charted, Guidance, InState, Kind, Lost, Priority, Rule, Running
from plant.alarms.schema import GeneralFileSpec, GeneralSpec, GuidanceSpec
from plant.model.document import DocumentError, DocumentKind
from plant.model.enterprise import Enterprise, Metric, Role, Text, Unit
from plant.model.metric import text
from plant.model.tags import Tag, TagTable
from plant.packml import State

_FILE: Final = Path(__file__).with_name("data") / "general.yaml"
LOST_DELAY_MS: Final = 30_000
"""Longer than a reconnect with births takes."""
BACK_MS: Final = 60_000
"""How long the units of an edge node may take to come back behind it."""
BAD_DELAY_MS: Final = 15_000
CONTROL: Final = "control"
"""Target of the alarms of control charts."""
QUALITY: Final = "quality"
"""Operator position that watches control charts."""
RUNNING: Final = frozenset({int(State.EXECUTE)})


def general_texts() -> GeneralSpec:
    """What is told where no rules file says more."""
    kind = DocumentKind(GeneralFileSpec, "docs/alarms.md", DocumentError)
    return kind.load(_FILE, lambda spec, _: spec.general)


def guidance(name: Text, spec: GuidanceSpec, metric: Text | None = None) -> Guidance:
    """The texts of a rule; {metric} in them is replaced by the metric's name."""

    def said(each: Text) -> Text:
        if metric is None:
            return each
        return Text(each.ru.replace("{metric}", metric.ru), each.en.replace("{metric}", metric.en))

    return Guidance(name, *(said(text(each)) for each in (spec.cause, spec.consequence, spec.action)))


def running(tag: Tag, tags: TagTable, settle_ms: int) -> Running | None:
    """Suppression of a tag's alarm unless its unit runs; None if the unit has no state."""
    state = state_of(tag.unit, tags)
    return None if state is None else Running(state.index, RUNNING, settle_ms)


def state_of(unit: Unit, tags: TagTable) -> Tag | None:
    """The tag with the unit's PackML state."""
    metric = unit.with_role(Role.STATE)
    return None if metric is None else tags.of_unit(unit)[metric.key]


def storage_key(tag: Tag, kind: str) -> str:
    """Key of a rule about a tag; it stays when unit or metric are renamed."""
    return f"{tag.storage}.{kind}"


def has_limits(metric: Metric) -> bool:
    """Whether the model gives it any alarm limit."""
    limits = metric.limits
    return any(limit is not None for limit in (limits.ll, limits.l, limits.h, limits.hh))


@dataclass(frozen=True, slots=True)
class GeneralRules:
    """Makes the rules that every model has."""

    enterprise: Enterprise
    tags: TagTable
    texts: GeneralSpec

    def of_units(self, units: Iterable[Unit]) -> Iterator[Rule]:
        """Those of single units: aborted, which matters most where a line stands at once, and bad instruments."""
        lines = [line for site in self.enterprise.sites for line in site.lines]
        decisive = {line.unit(line.constraint).path for line in lines if line.constraint}
        for unit in units:
            state = state_of(unit, self.tags)
            if state is not None:
                yield self._aborted(state, Priority.MEDIUM if unit.path in decisive else Priority.LOW)
            for tag in self.tags.of_unit(unit).values():
                if tag.is_live and has_limits(tag.metric):
                    yield self._bad(tag)
                if tag.is_live and tag.metric.control is not None:
                    yield self._control(tag)

    def of_nodes(self, units: Iterable[Unit]) -> Iterator[Rule]:
        """Lost communication: one alarm for an edge node, and one for each unit that is lost alone."""
        nodes: dict[tuple[str, str], list[Tag]] = {}
        for unit in units:
            tag = self._sign_of_life(unit)
            if tag is not None:
                nodes.setdefault((unit.site, unit.gateway), []).append(tag)
        for (site, gateway), signs in nodes.items():
            node = self._lost_node(site, gateway, signs)
            yield node
            if len(signs) > 1:
                yield from (self._lost_unit(tag, node.key) for tag in signs)

    def _sign_of_life(self, unit: Unit) -> Tag | None:
        live = [tag for tag in self.tags.of_unit(unit).values() if tag.is_live]
        return state_of(unit, self.tags) or (live[0] if live else None)

    def _aborted(self, state: Tag, priority: Priority) -> Rule:
        return Rule(
            storage_key(state, "aborted"),
            state.unit.path,
            f"{state.metric.key}.aborted",
            Kind.STATE,
            InState(state.index, frozenset({int(State.ABORTED)})),
            priority,
            position_of(state.unit),
            guidance(Text("Аварийный останов", "Aborted"), self.texts.aborted),
        )

    def _control(self, tag: Tag) -> Rule:
        name = Text(f"{tag.metric.name.ru}: вне контроля", f"{tag.metric.name.en}: out of control")
        return Rule(
            storage_key(tag, CONTROL),
            tag.unit.path,
            f"{tag.metric.key}.{CONTROL}",
            Kind.STATISTICAL,
            Charted(tag.index),
            Priority.LOW,
            position_of(tag.unit, QUALITY),
            guidance(name, self.texts.control, tag.metric.name),
            suppression=running(tag, self.tags, 0),
        )

    def _bad(self, tag: Tag) -> Rule:
        name = Text(f"{tag.metric.name.ru}: показание недостоверно", f"{tag.metric.name.en}: bad reading")
        return Rule(
            storage_key(tag, "bad"),
            tag.unit.path,
            f"{tag.metric.key}.bad",
            Kind.BAD_QUALITY,
            BadQuality(tag.index),
            Priority.LOW,
            position_of(tag.unit),
            guidance(name, self.texts.bad_quality, tag.metric.name),
            on_delay_ms=BAD_DELAY_MS,
        )

    def _lost_unit(self, tag: Tag, node: str) -> Rule:
        return Rule(
            f"{tag.unit.storage}/lost",
            tag.unit.path,
            "lost",
            Kind.LOST,
            Lost((tag.index,)),
            Priority.LOW,
            position_of(tag.unit),
            guidance(Text("Нет связи с агрегатом", "Unit does not answer"), self.texts.lost_unit),
            on_delay_ms=LOST_DELAY_MS,
            suppression=Behind(node, BACK_MS),
        )

    def _lost_node(self, site: str, gateway: str, signs: list[Tag]) -> Rule:
        name = Text(f"Нет связи со шлюзом {gateway}", f"Gateway {gateway} does not answer")
        return Rule(
            f"{site}/gateways/{gateway}/lost",
            (site,),
            f"{gateway}.lost",
            Kind.LOST,
            Lost(tuple(tag.index for tag in signs)),
            Priority.MEDIUM,
            position_of(signs[0].unit),
            guidance(name, self.texts.lost_node),
            on_delay_ms=LOST_DELAY_MS,
        )


def position_of(unit: Unit, position: str | None = None) -> str:
    """Operator position of a unit: its area, unless a rule names another of the site."""
    return f"{unit.site}/{position or unit.area}"


def unique(rules: Iterable[Rule]) -> Mapping[str, Rule]:
    """By key, the first of each: what a file says comes before what is general."""
    found: dict[str, Rule] = {}
    for rule in rules:
        found.setdefault(rule.key, rule)
    return found
