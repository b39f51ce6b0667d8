"""Load a mapping file and check it against a model: `load("meters.yaml", enterprise, tags)`.

Whatever can be found before a message comes is found here: units that the model does not have, metrics that a unit does
not have, units of measure that cannot be converted, parts that no topic names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic_core import PydanticCustomError

from plant.mapping.measures import IDENTITY, Linear, conversion
from plant.mapping.moments import Moment
from plant.mapping.paths import JsonPath
from plant.mapping.rules import Judge, Mapping, Row, Rule, Target
from plant.mapping.schema import ANY_NAME, MappingSpec, QualitySpec, Retained, RuleSpec, Shape, ValueSpec
from plant.mapping.templates import Template
from plant.model.document import DocumentError, DocumentKind
from plant.model.enterprise import Datatype, Enterprise, Metric, Unit
from plant.model.mistakes import Location, Mistake, Mistakes, did_you_mean
from plant.model.tags import TagTable, text_tags

NAME: Final = "name"
"""Part that says which value a list's item or a plain payload is."""
_NAME: Final = JsonPath.parse(NAME)
_VALUE: Final = JsonPath.parse("value")


class MappingError(DocumentError):
    """A mapping file that cannot be used."""


_KIND: Final = DocumentKind(MappingSpec, "docs/mapping.md", MappingError)


def load(file: Path, enterprise: Enterprise, tags: TagTable) -> Mapping:
    """The mapping of a YAML file.

    Raises:
        MappingError: It cannot be read or does not fit the model; names every mistake with its line.
    """
    texts = {(tag.unit.path, tag.metric.key): number for number, tag in enumerate(text_tags(enterprise))}
    return _KIND.load(file, lambda spec, mistakes: _Builder(spec, enterprise, tags, texts, mistakes).mapping(file))


def load_all(files: Iterable[Path], enterprise: Enterprise, tags: TagTable) -> tuple[Mapping, ...]:
    """The mappings of several files.

    Raises:
        MappingError: One cannot be used, or two have the same name.
    """
    mappings: dict[str, Mapping] = {}
    for file in files:
        mapping = load(file, enterprise, tags)
        if (other := mappings.setdefault(mapping.name, mapping)) is not mapping:
            problem = f"'{mapping.name}' is already the name of {other.file}"
            raise MappingError(file, (Mistake(1, problem, "give each mapping a name of its own"),))
    return tuple(mappings.values())


@dataclass(frozen=True, slots=True)
class _Builder:
    """From what is written to rules; what is wrong goes to `mistakes`."""

    spec: MappingSpec
    enterprise: Enterprise
    tags: TagTable
    texts: dict[tuple[tuple[str, str, str, str], str], int]
    mistakes: Mistakes

    def mapping(self, file: Path) -> Mapping:
        rules = [self._rule(name, rule) for name, rule in self.spec.rules.items()]
        return Mapping(self.spec.mapping, file, tuple(rule for rule in rules if rule is not None))

    def _rule(self, name: str, spec: RuleSpec) -> Rule | None:
        where: Location = ("rules", name)
        stale_after_ms = spec.stale_after or self.spec.stale_after
        if stale_after_ms is None:
            mend = "say after which silence the values are not known any more, such as 'stale_after: 5 min'"
            self.mistakes.add(where, f"rule '{name}' lacks 'stale_after'", mend)
        if spec.time is None and spec.retained is Retained.TAKE:
            mend = "say where the payload has its time, or ignore retained messages"
            self.mistakes.add((*where, "retained"), "nobody knows how old a retained message without a time is", mend)
        self._check_shape(where, spec)
        if not self._names_are_known(where, spec):
            return None
        rows = {key: self._row((*where, "values", key), key, spec, row) for key, row in spec.values.items()}
        units = self._units(where, spec.unit)
        targets = {
            (key, "/".join(unit.path), metric.key): target
            for key, row in rows.items()
            for unit, metric, target in self._targets((*where, "values", key), row, units)
        }
        return Rule(
            name=f"{self.spec.mapping}/{name}",
            topic=spec.topic,
            shape=spec.shape,
            unit=spec.unit,
            moment=None if spec.time is None else Moment(spec.time.path, spec.time.format, spec.time.zone),
            stale_after_ms=stale_after_ms or 0,
            takes_retained=spec.retained is Retained.TAKE,
            parts=spec.parts,
            items=spec.items,
            item_name=spec.name or _NAME,
            item_value=spec.value or _VALUE,
            rows=rows,
            tables=self.spec.tables,
            reach=frozenset("/".join(unit.path) for unit in units),
            targets=targets,
        )

    def _check_shape(self, where: Location, spec: RuleSpec) -> None:
        """Keys that belong to another shape."""
        for key in ("items", "name", "value"):
            if getattr(spec, key) is not None and spec.shape is not Shape.LIST:
                self.mistakes.add((*where, key), f"a payload of shape {spec.shape} has no '{key}'", "remove it")
        if spec.shape is Shape.OBJECT and ANY_NAME in spec.values:
            mend = "name the paths of the values, or use the shape list for an object of objects"
            self.mistakes.add((*where, "values", ANY_NAME), "'*' stands for no path", mend)
        if spec.shape is not Shape.PLAIN:
            return
        if NAME not in spec.topic.names and set(spec.values) != {ANY_NAME}:
            mend = "write one value under '*', or call the level of the topic that says which value it is {name}"
            self.mistakes.add((*where, "values"), "a plain payload is one value", mend)
        for key in ("parts", "quality", "time"):
            if getattr(spec, key):
                mend = "write 'time: arrival'" if key == "time" else "remove it"
                self.mistakes.add((*where, key), f"a plain payload has nothing but its value, so no {key}", mend)

    def _names_are_known(self, where: Location, spec: RuleSpec) -> bool:
        """Templates name parts and tables that are there."""
        parts = {*spec.topic.names, *spec.parts}
        named = parts | ({NAME} if spec.shape is Shape.LIST else set())
        wanted = [((*where, "unit"), spec.unit, parts)]
        wanted += [((*where, "values", key, "metric"), row.metric, named) for key, row in spec.values.items()]
        complete = True
        for location, template, known in wanted:
            for part, table in template.holes:
                if part not in known:
                    mend = f"{did_you_mean(part, known)}; name it in the topic or under 'parts'"
                    self.mistakes.add(location, f"there is no part '{{{part}}}'", mend)
                    complete = False
                if table is not None and table not in self.spec.tables:
                    mend = did_you_mean(table, self.spec.tables)
                    self.mistakes.add(location, f"there is no table '{table}'", mend)
                    complete = False
        return complete

    def _row(self, where: Location, key: str, rule: RuleSpec, spec: ValueSpec) -> Row:
        path = None
        if rule.shape is Shape.OBJECT and key != ANY_NAME:
            path = self._path(where, key)
        if spec.words is not None and (spec.measure or (spec.scale, spec.offset) != (1.0, 0.0)):
            mend = "give the metric's own numbers under 'words', without measure, scale and offset"
            self.mistakes.add((*where, "words"), "words have no unit of measure", mend)
        if spec.scale == 0:
            self.mistakes.add((*where, "scale"), "a scale of 0 makes every value the same", "write another factor")
        judged, judge = (spec.quality, (*where, "quality")) if spec.quality else (rule.quality, (*where[:2], "quality"))
        linear = Linear(spec.scale or 1.0, spec.offset)
        return Row(path, spec.metric, linear, spec.measure, spec.words, self._judge(judge, judged))

    def _path(self, where: Location, key: str) -> JsonPath:
        try:
            return JsonPath.parse(key)
        except PydanticCustomError as error:
            context = error.context or {}
            self.mistakes.add(where, str(context["problem"]), str(context["mend"]))
            return _VALUE

    def _judge(self, where: Location, spec: QualitySpec | None) -> Judge | None:
        if spec is None:
            return None
        if (spec.good is None) == (spec.bad is None):
            mend = "list the words that mean good, or those that mean bad"
            self.mistakes.add(where, "'quality' needs exactly one of 'good' and 'bad'", mend)
        return Judge(spec.path, frozenset(spec.good or spec.bad or ()), spec.good is not None)

    def _units(self, where: Location, template: Template) -> list[Unit]:
        """Units that the template can lead to."""
        live = {"/".join(unit.path): unit for unit in self.enterprise.units if unit.retired is None}
        if len(template.holes) == 1 and template.fixed == ("", "") and (table := template.holes[0][1]) is not None:
            for word, path in self.spec.tables[table].items():
                if path not in live:
                    location = ("tables", table, word)
                    self.mistakes.add(location, f"the model has no unit '{path}'", _near(path, live))
        pattern = template.reach(self.spec.tables)
        found = [unit for path, unit in live.items() if pattern.fullmatch(path)]
        if not found and not self.mistakes:
            mend = _near(template.text, live) if not template.holes else "it must give site/area/line/unit of the model"
            self.mistakes.add((*where, "unit"), f"'{template.text}' leads to no unit of the model", mend)
        return found

    def _targets(self, where: Location, row: Row, units: list[Unit]) -> Iterable[tuple[Unit, Metric, Target]]:
        """Metrics that a row can lead to."""
        pattern = row.metric.reach(self.spec.tables)
        found = []
        for unit in units:
            numbers = self.tags.of_unit(unit)
            for metric in unit.metrics:
                if metric.retired is None and pattern.fullmatch(metric.key):
                    index = numbers[metric.key].index if metric.is_numeric else self.texts[unit.path, metric.key]
                    found.append((unit, metric, Target(unit, metric, index, self._linear(where, row, metric))))
        if units and not found:
            keys = {metric.key for unit in units for metric in unit.metrics if metric.retired is None}
            mend = did_you_mean(row.metric.text, sorted(keys))
            self.mistakes.add((*where, "metric"), f"no unit of this rule has a metric '{row.metric.text}'", mend)
        return found

    def _linear(self, where: Location, row: Row, metric: Metric) -> Linear:
        """From the device's number to the metric's unit; words must be of the metric's kind."""
        self._check_words(where, row, metric)
        if row.measure is None:
            return row.linear
        found = conversion(row.measure, metric.unit, self.enterprise.measures) if metric.unit else None
        if found is None:
            problem = f"'{row.measure}' cannot be converted to '{metric.unit}' of metric '{metric.key}'"
            self.mistakes.add((*where, "measure"), problem, "leave 'measure' out and give scale and offset")
            return row.linear
        return row.linear if found == IDENTITY else row.linear.then(found)

    def _check_words(self, where: Location, row: Row, metric: Metric) -> None:
        for word, meaning in (row.words or {}).items():
            if isinstance(meaning, str) == metric.is_numeric:
                kind = "number" if metric.is_numeric else "text"
                problem = f"'{word}' means {meaning!r}, but metric '{metric.key}' is a {kind}"
                self.mistakes.add((*where, "words", word), problem, f"write a {kind}")
        if metric.datatype is Datatype.STRING and row.linear != IDENTITY:
            problem = f"metric '{metric.key}' is a text and is not scaled"
            self.mistakes.add((*where, "metric"), problem, "remove scale and offset")


def _near(path: str, known: Collection[str]) -> str:
    """The nearest of many, not all of them, which would fill the screen."""
    mend = did_you_mean(path, sorted(known))
    return mend if mend.startswith("did you mean") else "'factory model tree' shows them; write site/area/line/unit"
