"""What the elements in formulas are called, what they are measured in, and which tags they come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plant.kpi.sums import Sums
from plant.model.enterprise import Text


class Source(StrEnum):
    """What of a line an element is made of; all but the first two are fields of `plant.production.lines`."""

    STATE = "state"
    """State of the constraint unit."""
    MODE = "mode"
    """Mode of the constraint unit."""
    ORDER = "order"
    REASON = "reason"
    PRODUCT = "product"
    FORMED_LOT = "formed_lot"
    DRIED_LOT = "dried_lot"
    PRODUCED = "produced"
    GOOD = "good"
    REJECT = "reject"
    GAS = "gas"
    ENERGY = "energy"
    WATER = "water"


_TIME: Final = (Source.STATE, Source.MODE, Source.ORDER, Source.REASON)
_PRODUCED: Final = (Source.PRODUCED, Source.PRODUCT)
_LOTS: Final = (Source.FORMED_LOT, Source.DRIED_LOT, Source.PRODUCT)
_GOOD: Final = (Source.GOOD, *_LOTS)


@dataclass(frozen=True, slots=True)
class ElementRow:
    """An element of formulas.

    Attributes:
        key: Name of the field or property of `Sums`.
        symbol: How formulas write it; those of ISO 22400-2 where it has one.
        unit: ``s``, ``m3``, ``kWh``, ``1`` for a count; ``{measure}`` is the lines' unit of measure.
        sources: What it is made of; nothing if it comes from the calendar or from plans.
    """

    key: str
    symbol: str
    name: Text
    unit: str
    sources: tuple[Source, ...] = ()

    def of(self, sums: Sums) -> float:
        """Its amount in `unit`."""
        return float(getattr(sums, self.key))


ELEMENTS: Final = {
    row.key: row
    for row in (
        ElementRow("calendar_s", "calendar", Text("Календарное время", "Calendar time"), "s"),
        ElementRow(
            "known_calendar_s", "known calendar", Text("Известное календарное время", "Known calendar time"), "s"
        ),
        ElementRow("pbt_s", "PBT", Text("Плановое время занятости", "Planned busy time"), "s", _TIME),
        ElementRow("apt_s", "APT", Text("Время производства", "Actual production time"), "s", _TIME),
        ElementRow("adet_s", "ADET", Text("Время задержек", "Actual unit delay time"), "s", _TIME),
        ElementRow("adot_s", "ADOT", Text("Время без заказа", "Actual unit down time"), "s", _TIME),
        ElementRow("aust_s", "AUST", Text("Время переналадки", "Actual unit setup time"), "s", _TIME),
        ElementRow("aubt_s", "AUBT", Text("Время с заказом", "Actual unit busy time"), "s", _TIME),
        ElementRow("aupt_s", "AUPT", Text("Время обработки", "Actual unit processing time"), "s", _TIME),
        ElementRow(
            "known_produced_ideal_s",
            "Σ(PRI × PQ)",
            Text("Идеальное время выпуска", "Ideal time of the produced quantity"),
            "s",
            _PRODUCED,
        ),
        ElementRow(
            "known_good_ideal_s",
            "Σ(PRI × GQ)",
            Text("Идеальное время годного выпуска", "Ideal time of the good quantity"),
            "s",
            _GOOD,
        ),
        ElementRow(
            "good_ideal_s",
            "Σ(PRI × GQ, all)",
            Text("Идеальное время всего годного выпуска", "Ideal time of all good quantity"),
            "s",
            _GOOD,
        ),
        ElementRow("produced", "PQ", Text("Произведено", "Produced quantity"), "{measure}", _PRODUCED),
        ElementRow(
            "known_produced",
            "PQ known",
            Text("Произведено в известное время", "Produced in known time"),
            "{measure}",
            _PRODUCED,
        ),
        ElementRow("good", "GQ", Text("Годная продукция", "Good quantity"), "{measure}", _GOOD),
        ElementRow(
            "known_good",
            "GQ known",
            Text("Годная продукция известного времени", "Good of known time"),
            "{measure}",
            _GOOD,
        ),
        ElementRow("reject", "SQ", Text("Брак", "Scrap quantity"), "{measure}", (Source.REJECT, *_LOTS)),
        ElementRow(
            "judged", "IQ", Text("Проверено", "Inspected quantity"), "{measure}", (Source.GOOD, Source.REJECT, *_LOTS)
        ),
        ElementRow("gas_m3", "gas", Text("Газ", "Gas"), "m3", (Source.GAS,)),
        ElementRow("energy_kwh", "energy", Text("Электроэнергия", "Electric energy"), "kWh", (Source.ENERGY,)),
        ElementRow("water_m3", "water", Text("Вода", "Water"), "m3", (Source.WATER,)),
        ElementRow("failures", "FE", Text("Отказы", "Failure events"), "1", _TIME),
        ElementRow("repair_s", "TTR", Text("Время восстановления", "Time to repair"), "s", _TIME),
        ElementRow("planned", "plan", Text("План", "Planned quantity"), "{measure}"),
        ElementRow(
            "planned_ideal_s",
            "Σ(PRI × plan)",
            Text("Идеальное время плана", "Ideal time of the planned quantity"),
            "s",
        ),
        ElementRow(
            "remaining_s", "PBT to come", Text("Оставшееся плановое время", "Planned busy time still to come"), "s"
        ),
        ElementRow(
            "before_ideal_s",
            "Σ(PRI × GQ, before)",
            Text("Идеальное время годного выпуска прежнего периода", "Ideal time of the good quantity of before"),
            "s",
            _GOOD,
        ),
    )
}
"""By key, in the order of docs/kpi.md."""
