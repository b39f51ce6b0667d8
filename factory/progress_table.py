"""Progress of orders on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text as Line

from dashboard.formats import MISSING, moment, number, share
from plant.model.enterprise import Enterprise, Language, Text
from plant.orders.progress import Doubt, LineProgress, OrderProgress, Standing

HOUR_S: Final = 3_600.0
COLUMNS: Final = (
    Text("Линия", "Line"),
    Text("Заказ", "Order"),
    Text("Продукт", "Product"),
    Text("План", "Plan"),
    Text("Сделано", "Done"),
    Text("%", "%"),
    Text("В час", "Per h"),
    Text("Срок", "Due"),
    Text("Готовность", "Finish"),
    Text("Опоздание, ч", "Late, h"),
    Text("Состояние", "Standing"),
)
NUMBERS: Final = frozenset({3, 4, 5, 6, 9})
"""Columns that stand at the right."""
SCANT: Final = Text("мало данных", "not enough data")
REST: Final = Text("Ждут и не показаны (покажет --all):", "Wait and are not shown (--all does):")
STANDINGS: Final = {
    Standing.WAITING: Text("ждёт", "waiting"),
    Standing.UNDER_WAY: Text("в работе", "under way"),
    Standing.INTERRUPTED: Text("прерван", "interrupted"),
    Standing.DONE: Text("готов", "done"),
    Standing.UNKNOWN: Text("неизвестно", "unknown"),
}
DOUBTS: Final = {
    Doubt.SAME_NUMBER: Text("два заказа с одним номером", "same number twice"),
    Doubt.NOT_SHOWN: Text("линия не показывает заказ", "the line shows no order"),
    Doubt.OTHER_UNIT: Text("другая единица", "other unit"),
    Doubt.NO_IDEAL_RATE: Text("нет нормативной скорости", "no ideal rate"),
    Doubt.OTHER_PRODUCT: Text("делали и другой продукт", "other product too"),
    Doubt.WAITS_FOR_UNKNOWN: Text("срок предыдущего неизвестен", "waits for an unknown one"),
}


@dataclass(frozen=True, slots=True)
class ProgressView:
    """Shows the progress of orders.

    Attributes:
        enterprise: Names of products and units of measure.
        lang: Language.
        everything: Also orders that only wait, and are not known to be late.
    """

    enterprise: Enterprise
    lang: Language
    everything: bool = False

    def parts(self, lines: Iterable[LineProgress]) -> Iterator[RenderableType]:
        """A table, orders line by line, times on the clock of each plant; then what it leaves out."""
        table, hidden = Table(box=None, pad_edge=False), 0
        for place, name in enumerate(COLUMNS):
            table.add_column(name[self.lang], justify="right" if place in NUMBERS else "left", header_style="dim")
        for line in lines:
            zone = self.enterprise.site(line.site).zone
            waits = 0
            for order in line.orders:
                waits += order.standing in {Standing.WAITING, Standing.UNKNOWN}
                if self.everything or waits < 2 or _matters(order):
                    table.add_row(f"{line.site}/{line.line}", *self._cells(order, zone))
                else:
                    hidden += 1
        yield table
        if hidden:
            yield Line(f"{REST[self.lang]} {hidden}", "dim")

    def _cells(self, order: OrderProgress, zone: ZoneInfo) -> tuple[str, ...]:
        lang, measures, products = self.lang, self.enterprise.measures, self.enterprise.products
        unit = measures[order.unit][lang] if order.unit in measures else order.unit
        product = products[order.product].name[lang] if order.product in products else order.product
        return (
            escape(order.order),
            escape(product),
            f"{number(order.planned, 1, lang)} {unit}",
            number(order.done, 1, lang),
            share(order.share, lang),
            number(order.rate_per_h, 1, lang),
            moment(order.due, zone, lang),
            MISSING if order.finish is None else moment(order.finish, zone, lang),
            self._late(order),
            self._standing(order),
        )

    def _late(self, order: OrderProgress) -> str:
        """Hours after the due time, marked; below 0 before it."""
        if order.late_s is None:
            return MISSING
        told = number(order.late_s / HOUR_S, 1, self.lang)
        return f"[yellow]! {told}[/yellow]" if order.late_s > 0 else told

    def _standing(self, order: OrderProgress) -> str:
        said = [
            STANDINGS[order.standing],
            *(DOUBTS[doubt] for doubt in order.doubts),
            *([SCANT] if order.flags else []),
        ]
        told = ", ".join(each[self.lang] for each in said)
        return f"~ {told}" if order.provisional else told


def _matters(order: OrderProgress) -> bool:
    """Whether somebody has to look at it: it was begun, or will be late."""
    is_late = order.late_s is not None and order.late_s > 0
    return order.standing not in {Standing.WAITING, Standing.UNKNOWN} or is_late
