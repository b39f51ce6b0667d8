"""The one table of figures: docs, explanations and screens read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter
from typing import Final

from plant.kpi import consumption, equipment, output, reliability
from plant.kpi.elements import ELEMENTS
from plant.kpi.sums import ROUNDING, Sums
from plant.kpi.value import COVERAGE_NEEDED, Flag, Ratio, Value
from plant.model.enterprise import Text

SHARE: Final = "1"
"""Unit of ratios of like to like; screens show them as per cent."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure.

    Attributes:
        key: Slug; as names of columns and messages too.
        unit: `SHARE`, ``h``, or with ``{measure}`` for the lines' unit of measure.
        template: The formula with element keys in braces (`plant.kpi.elements`).
        source: Standard and KPI, or whose practice it is.
        function: The same formula as code, its division still to be made.
        bounded: A share that cannot truly be above 1.
        lower_is_better: As with scrap.
        version: Rises whenever the formula changes, so that old values can be told from new ones.
    """

    key: str
    name: Text
    unit: str
    template: str
    source: str
    function: Callable[[Sums], Ratio]
    bounded: bool = False
    lower_is_better: bool = False
    version: int = 1

    @property
    def inputs(self) -> tuple[str, ...]:
        """Keys of the elements in the formula, in its order, each once."""
        return tuple(dict.fromkeys(key for _, key, _, _ in Formatter().parse(self.template) if key is not None))

    @property
    def formula(self) -> str:
        """The formula as people write it."""
        return self.template.format(**{key: ELEMENTS[key].symbol for key in self.inputs})

    @property
    def needs_one_measure(self) -> bool:
        """Whether raw quantities are in it, which add within one unit of measure only."""
        return any("{measure}" in ELEMENTS[key].unit for key in self.inputs)

    @property
    def rates_speed(self) -> bool:
        """Whether ideal time is set against time in it, so that a wrong ideal rate spoils it."""
        ideal = {"known_produced_ideal_s", "known_good_ideal_s"}
        return bool(ideal & set(self.inputs)) and not set(self.inputs) <= ideal

    def evaluate(self, sums: Sums, needed: float = COVERAGE_NEEDED) -> Value:
        """The value over the window and lines of the sums.

        Args:
            sums: With failures, plan or the period before, if the formula has them.
            needed: Coverage below which there is no value.
        """
        ratio = self.function(sums)
        flags = []
        if sums.coverage < needed:
            flags.append(Flag.LOW_COVERAGE)
        if self.needs_one_measure and len(sums.measures) > 1:
            flags.append(Flag.MIXED_MEASURES)
        if ratio.quotient is None:
            flags.append(Flag.NO_BASIS)
        value = None if flags else ratio.quotient
        if value is not None and self.bounded and value > 1 + ROUNDING:
            flags.append(Flag.ABOVE_WHOLE)
        if self.rates_speed and sums.is_above_ideal:
            flags.append(Flag.IDEAL_RATE)
        return Value(value, sums.coverage, sums.is_provisional, tuple(flags))


_ISO = "ISO 22400-2, «{}»"
_ENERGY = _ISO.format("Comprehensive energy consumption")
_PLAN = "practice of plan against actual"

_ROWS = (
    Figure(
        "availability",
        Text("Доступность", "Availability"),
        SHARE,
        "{apt_s} / {pbt_s}",
        _ISO.format("Availability"),
        equipment.availability,
        bounded=True,
    ),
    Figure(
        "effectiveness",
        Text("Производительность", "Effectiveness"),
        SHARE,
        "{known_produced_ideal_s} / {apt_s}",
        _ISO.format("Effectiveness"),
        equipment.effectiveness,
        bounded=True,
    ),
    Figure(
        "quality",
        Text("Качество", "Quality"),
        SHARE,
        "{known_good_ideal_s} / {known_produced_ideal_s}",
        _ISO.format("Quality ratio"),
        equipment.quality,
        bounded=True,
    ),
    Figure(
        "oee",
        Text("OEE, общая эффективность оборудования", "OEE, overall equipment effectiveness"),
        SHARE,
        "{known_good_ideal_s} / {pbt_s}",
        _ISO.format("Overall equipment effectiveness index"),
        equipment.oee,
        bounded=True,
    ),
    Figure(
        "nee",
        Text("NEE, чистая эффективность оборудования", "NEE, net equipment effectiveness"),
        SHARE,
        "{aupt_s} / {pbt_s} × {known_good_ideal_s} / {apt_s}",
        _ISO.format("Net equipment effectiveness index"),
        equipment.nee,
        bounded=True,
    ),
    Figure(
        "teep",
        Text("TEEP, эффективность в календарном времени", "TEEP, total effective equipment performance"),
        SHARE,
        "{known_good_ideal_s} / {known_calendar_s}",
        "TPM practice",
        equipment.teep,
        bounded=True,
    ),
    Figure(
        "loading",
        Text("Плановая загрузка календаря", "Loading"),
        SHARE,
        "{pbt_s} / {known_calendar_s}",
        "TPM practice",
        equipment.loading,
        bounded=True,
    ),
    Figure(
        "utilisation",
        Text("Использование", "Utilisation"),
        SHARE,
        "{apt_s} / {aubt_s}",
        _ISO.format("Utilization efficiency"),
        equipment.utilisation,
        bounded=True,
    ),
    Figure(
        "allocation",
        Text("Занятость заказами", "Allocation"),
        SHARE,
        "{aubt_s} / {pbt_s}",
        _ISO.format("Allocation efficiency"),
        equipment.allocation,
        bounded=True,
    ),
    Figure(
        "setup_ratio",
        Text("Доля переналадки", "Setup ratio"),
        SHARE,
        "{aust_s} / {aupt_s}",
        _ISO.format("Setup ratio"),
        equipment.setup_ratio,
        bounded=True,
        lower_is_better=True,
    ),
    Figure(
        "scrap_ratio",
        Text("Доля брака", "Scrap ratio"),
        SHARE,
        "{reject} / {produced}",
        _ISO.format("Scrap ratio"),
        output.scrap_ratio,
        bounded=True,
        lower_is_better=True,
    ),
    Figure(
        "first_pass_yield",
        Text("Выход годного с первого раза", "First-pass yield"),
        SHARE,
        "{good} / {judged}",
        _ISO.format("First pass yield"),
        output.first_pass_yield,
        bounded=True,
    ),
    Figure(
        "throughput",
        Text("Темп выпуска", "Throughput"),
        "{measure}/h",
        "{known_produced} × 3600 / {aubt_s}",
        _ISO.format("Throughput rate"),
        output.throughput,
    ),
    Figure(
        "mttr",
        Text("Среднее время восстановления, MTTR", "Mean time to repair, MTTR"),
        "h",
        "{repair_s} / {failures} / 3600",
        _ISO.format("Mean time to repair"),
        reliability.mttr,
        lower_is_better=True,
    ),
    Figure(
        "mtbf",
        Text("Средняя наработка между отказами, MTBF", "Mean operating time between failures, MTBF"),
        "h",
        "({apt_s} + {aust_s}) / {failures} / 3600",
        _ISO.format("Mean operating time between failures"),
        reliability.mtbf,
    ),
    Figure(
        "specific_gas",
        Text("Удельный расход газа", "Specific gas consumption"),
        "m3/{measure}",
        "{gas_m3} / {good}",
        _ENERGY,
        consumption.specific_gas,
        lower_is_better=True,
    ),
    Figure(
        "specific_energy",
        Text("Удельный расход электроэнергии", "Specific energy consumption"),
        "kWh/{measure}",
        "{energy_kwh} / {good}",
        _ENERGY,
        consumption.specific_energy,
        lower_is_better=True,
    ),
    Figure(
        "specific_water",
        Text("Удельный расход воды", "Specific water consumption"),
        "l/{measure}",
        "{water_m3} × 1000 / {good}",
        "practice of specific consumption",
        consumption.specific_water,
        lower_is_better=True,
    ),
    Figure(
        "plan_attainment",
        Text("Выполнение плана", "Plan attainment"),
        SHARE,
        "{good} / {planned}",
        _PLAN,
        output.plan_attainment,
    ),
    Figure(
        "plan_index",
        Text("Выполнение плана по всем изделиям", "Plan attainment over products"),
        SHARE,
        "{good_ideal_s} / {planned_ideal_s}",
        _PLAN,
        output.plan_index,
    ),
    Figure(
        "forecast",
        Text("Прогноз выпуска", "Forecast output"),
        "{measure}",
        "{good} + {known_good} × {remaining_s} / {pbt_s}",
        _PLAN,
        output.forecast,
    ),
    Figure(
        "output_index",
        Text("Индекс выпуска к прежнему периоду", "Output index"),
        SHARE,
        "{good_ideal_s} / {before_ideal_s}",
        "index of industrial production, in weights of ideal time",
        output.output_index,
    ),
)

FIGURES: Final = {figure.key: figure for figure in _ROWS}
"""All figures by key, in the order of docs/kpi.md."""
