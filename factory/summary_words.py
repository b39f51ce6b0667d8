"""Words of the morning summary in both languages."""

from __future__ import annotations

from typing import Final

from plant.model.enterprise import Text
from plant.summary.reconciliation import Because

WORDS: Final = {
    "title": Text("Сводка за", "Summary of"),
    "days": Text("сутки площадок", "production days of the sites"),
    "site": Text("Площадка", "Site"),
    "line": Text("Линия", "Line"),
    "plan": Text("План, ч", "Plan, h"),
    "done": Text("Факт, ч", "Done, h"),
    "share": Text("План/факт", "Attained"),
    "oee": Text("OEE", "OEE"),
    "availability": Text("Доступн.", "Avail."),
    "effectiveness": Text("Производ.", "Effect."),
    "quality": Text("Качество", "Quality"),
    "output_index": Text("К неделе назад", "To a week ago"),
    "uncoded": Text("Без причины", "Uncoded"),
    "coverage": Text("Покрытие", "Coverage"),
    "standing": Text("Данные", "Data"),
    "provisional": Text("предв.", "provisional"),
    "settled": Text("окончат.", "settled"),
    "scant": Text("мало данных", "not enough data"),
    "group": Text("Группа (сумма)", "Group (sum)"),
    "trial": Text("опытная эксплуатация, не входит в группу", "on trial, not in the group"),
    "month": Text("Месяц по", "Month to"),
    "month_plan": Text("План месяца, ч", "Month's plan, h"),
    "to_date": Text("План на дату, ч", "Plan to date, h"),
    "forecast": Text("Прогноз, ч", "Forecast, h"),
    "forecast_share": Text("Прогноз/план", "Forecast/plan"),
    "output": Text("Выпуск группы", "Output of the group"),
    "output_site": Text("Выпуск", "Output"),
    "product": Text("Продукт", "Product"),
    "unit": Text("Ед.", "Unit"),
    "produced": Text("Произведено", "Produced"),
    "good": Text("Годное", "Good"),
    "rejected": Text("Брак", "Rejected"),
    "month_good": Text("Годное с начала месяца", "Good in the month"),
    "stops": Text("Три самых дорогих простоя", "The three costliest stops"),
    "begun": Text("Начало", "Begun"),
    "hours": Text("Часы", "Hours"),
    "roubles": Text("Рубли", "Roubles"),
    "lost": Text("Потеряно", "Lost"),
    "loss": Text("Вид", "Kind"),
    "reason": Text("Причина", "Reason"),
    "cause": Text("Виновник", "Cause"),
    "no_reason": Text("не указана", "not told"),
    "open": Text("идёт", "goes on"),
    "no_stops": Text("простоев не было", "there were no stops"),
    "gas": Text("Газ против суточного лимита", "Gas against the daily limit"),
    "meter": Text("Счётчик", "Meter"),
    "used": Text("Расход, м³", "Used, m3"),
    "limit": Text("Лимит, м³", "Limit, m3"),
    "of_limit": Text("От лимита", "Of the limit"),
    "over": Text("Сверх, м³", "Above, m3"),
    "cost": Text("Стоимость, руб.", "Cost, roubles"),
    "reconciliation": Text("Сверка: счётчик, укладка, склад", "Counter, stacker, warehouse"),
    "stacked": Text("Уложено", "Stacked"),
    "received": Text("Склад", "Received"),
    "agreeing": Text(
        "Сходятся и не показаны (покажет --site): продуктов", "Agree and are not shown (--site does): products"
    ),
    "explained": Text("Чем объясняется", "What explains it"),
    "unexplained": Text("Не объяснено", "Unexplained"),
    "no_receipts": Text(
        "Накладных за эти сутки нет: factory receipts import ФАЙЛ",
        "No receipts of this day are kept: factory receipts import FILE",
    ),
    "some_receipts": Text("нет накладных", "no receipts"),
    "lines": Text("Линии", "Lines"),
    "ideal_hours": Text(
        "План и факт в часах по нормативной скорости: так складываются разные продукты.",
        "Plan and done are hours at the ideal rate: so different products add up.",
    ),
    "missing": Text("Не рассчитаны минуты", "Minutes are not made"),
    "no_rates": Text(
        "Рубли неизвестны: укажите файл ставок в FACTORY_RATES (docs/summary.md)",
        "Roubles are not known: name a file of rates in FACTORY_RATES (docs/summary.md)",
    ),
    "dash": Text("— нет значения; почему, говорят покрытие и данные", "— no value; coverage and data say why"),
}

LOSSES: Final = {
    "breakdown": Text("отказ", "breakdown"),
    "minor_stop": Text("микропростой", "minor stop"),
    "external": Text("внешний", "external"),
    "start_up": Text("пуск", "start-up"),
    "waiting": Text("ожидание", "waiting"),
    "setup": Text("переналадка", "setup"),
}

BECAUSE: Final = {
    Because.REJECTS: Text("брак", "rejects"),
    Because.OPEN_LOTS: Text("в сушке", "in the dryer"),
    Because.SHARED_LOTS: Text("общие партии", "shared lots"),
    Because.LAST_DIGIT: Text("разряд счётчика", "last digit"),
    Because.OTHER_DAY: Text("другие сутки", "another day"),
    Because.PART_PALLETS: Text("неполные поддоны", "part pallets"),
    Because.GAPS: Text("пропуски данных", "gaps"),
    Because.BY_HAND: Text("введено вручную", "entered by hand"),
    Because.NO_RECEIPT: Text("нет накладной", "no receipt"),
    Because.LOW_COVERAGE: Text("мало данных", "not enough data"),
}
