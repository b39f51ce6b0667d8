"""What a trend shows, as a table for a spreadsheet.

Russian Excel takes a comma as the decimal mark, so columns are parted by semicolons; it takes a file for UTF-8 only if
that begins with a byte order mark. English gets a point and commas. Times are ISO 8601 with the plant's offset.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dashboard.pages.trends.search import label
from dashboard.queries.trend import Trend
from dashboard.texts import text
from plant.model.enterprise import Enterprise, Language

BYTE_ORDER_MARK = "\ufeff"


def table(trends: Sequence[Trend], enterprise: Enterprise, zone: ZoneInfo, spoken: Language) -> str:
    """One row a bucket, four columns a tag: mean, least, greatest, share of the bucket with good data.

    The trends are of one window and one width, as one query makes them. Missing values are empty.
    """
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";" if spoken == "ru" else ",", lineterminator="\r\n")
    head = [text("trends.csv-time")]
    for trend in trends:
        unit = trend.tag.metric.unit
        name = label(trend.tag, enterprise, spoken) + (f", {enterprise.measures[unit][spoken]}" if unit else "")
        head += [f"{name}: {text(key)}" for key in ("trends.mean", "trends.low", "trends.high", "trends.csv-coverage")]
    rows.writerow(head)
    for bucket, at in enumerate(trends[0].time.tolist() if trends else []):
        row = [datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).isoformat(timespec="seconds")]
        for trend in trends:
            row += [_cell(float(column[bucket]), spoken) for column in (trend.mean, trend.low, trend.high)]
            row.append(_cell(float(trend.coverage[bucket]), spoken))
        rows.writerow(row)
    return BYTE_ORDER_MARK + out.getvalue()


def _cell(value: float, spoken: Language) -> str:
    """All digits that matter; rounding is for the screen."""
    if not math.isfinite(value):
        return ""
    plain = f"{value:.10g}"
    return plain.replace(".", ",") if spoken == "ru" else plain
