"""The trend figure: arrays in, lines and bands out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from screens import KILN, services

from dashboard import theme
from dashboard.figures.trend import arrays, line_place, trend_figure
from dashboard.queries.trend import Trend
from plant.model.enterprise import Language

PARTS = services()
NAN = float("nan")
OFFSET = 10_800_000


def trend(key: str = "temperature", mean: tuple[float, ...] = (150.0, 152.0, NAN, 154.0), width: int = 60_000) -> Trend:
    """Buckets of a minute from 0; the band is two to each side."""
    values = np.array(mean)
    time = np.arange(len(mean), dtype=np.int64) * width
    coverage = np.isfinite(values).astype(float)
    tag = PARTS.tags.by_path(f"{KILN}/{key}")
    return Trend(tag, time, values, values - 2, values + 2, values, coverage, width)


def figure(*trends: Trend, spoken: Language = "ru") -> go.Figure:
    """A figure over four minutes."""
    return trend_figure(trends, 0, 240_000, OFFSET, PARTS.enterprise, spoken, theme.plotly_template())


def test_no_tags_give_empty_axes() -> None:
    """Nothing chosen is no error."""
    assert list(figure().data) == []


def test_a_trend_without_data_has_no_points() -> None:
    """An empty window draws axes and no band."""
    band, line = figure(trend(mean=())).data
    assert (len(band.x), len(line.x)) == (0, 0)
    band, line = figure(trend(mean=(NAN, NAN))).data
    assert len(band.x) == 0
    assert np.isnan(line.y).all()


def test_means_stand_in_the_middle_of_their_bucket_on_the_plants_clock() -> None:
    """Half a minute after the bucket's start, three hours ahead of UTC."""
    _, line = figure(trend()).data
    assert (line.x - OFFSET).tolist() == [30_000.0, 90_000.0, 150_000.0, 210_000.0]
    assert line.connectgaps is False
    assert np.isnan(line.y[2])


def test_the_band_holds_every_peak_and_stops_at_gaps() -> None:
    """Two closed shapes, one each side of the gap: up along the greatest values, back along the least."""
    band, _ = figure(trend()).data
    assert band.y[:4].tolist() == [152.0, 154.0, 150.0, 148.0]
    assert np.isnan(band.y[4])
    assert band.y[5:7].tolist() == [156.0, 152.0]
    assert (band.x[:4] - OFFSET).tolist() == [30_000.0, 90_000.0, 90_000.0, 30_000.0]


def test_steps_have_no_band() -> None:
    """A state or a set point holds its last value from the start of the bucket: a mean of codes means nothing."""
    band, line = figure(trend("state", (6.0, 11.0))).data
    assert len(band.x) == 0
    assert line.line.shape == "hv"
    assert (line.x - OFFSET).tolist() == [0.0, 60_000.0]


def test_fine_buckets_are_steps_too() -> None:
    """Seconds are readings: a value held until the next one, nothing rose in a slope between them."""
    _, line = figure(trend(width=1000)).data
    assert line.line.shape == "hv"
    assert (line.x - OFFSET).tolist() == [0.0, 1000.0, 2000.0, 3000.0]
    assert figure(trend()).data[1].line.shape == "linear"


def test_each_unit_of_measure_has_a_panel_of_its_own() -> None:
    """Three units, three panels that do not touch, one time axis, headings in the language."""
    shown = figure(trend(), trend("rate"), trend("temperature_sp"), trend("gas_flow"), spoken="en")
    assert [line.yaxis for line in shown.data[1::2]] == ["y", "y2", "y", "y3"]
    domains = [shown.layout[name].domain for name in ("yaxis", "yaxis2", "yaxis3")]
    assert domains[0][1] == 1
    assert domains[0][0] > domains[1][1] > domains[1][0] > domains[2][1] > domains[2][0] >= 0
    assert [note.text for note in shown.layout.annotations] == ["°C", "t/h", "m³/h"]
    assert shown.layout.xaxis.anchor == "y3"


def test_lines_differ_by_dash_once_colours_alone_would_not_do() -> None:
    """The fifth line is dashed."""
    lines = figure(*(trend() for _ in range(5))).data[1::2]
    assert [line.line.dash for line in lines] == ["solid"] * 4 + ["dash"]
    assert len({line.line.color for line in lines}) == 5


def test_limits_stand_behind_a_single_tag_only() -> None:
    """Normal range and four limits of the kiln's temperature; none where several lines would share them."""
    shapes = figure(trend()).layout.shapes
    assert [(shape.type, shape.y0, shape.y1) for shape in shapes] == [
        ("rect", 150, 160),
        ("line", 120, 120),
        ("line", 140, 140),
        ("line", 170, 170),
        ("line", 185, 185),
    ]
    assert [shape.label.text for shape in shapes[1:]] == ["LL", "L", "H", "HH"]
    assert figure(trend(), trend("rate")).layout.shapes == ()


@pytest.mark.parametrize(("spoken", "separators"), [("ru", ",\u202f"), ("en", ".,")])
def test_numbers_are_written_as_the_language_does(spoken: Language, separators: str) -> None:
    """Comma and narrow space in Russian."""
    assert figure(trend(), spoken=spoken).layout.separators == separators


def test_a_zoom_changes_points_in_the_order_of_the_traces() -> None:
    """Band, line, band, line; live points go on in the lines."""
    rows = [trend(), replace(trend("rate"), width=1000)]
    shown: Any = figure(*rows)
    for found, trace in zip(arrays(rows, OFFSET), shown.data, strict=True):
        assert np.array_equal(found["x"], trace.x, equal_nan=True)
        assert np.array_equal(found["y"], trace.y, equal_nan=True)
    assert [shown.data[line_place(place)].meta["tag"] for place in range(2)] == [f"{KILN}/temperature", f"{KILN}/rate"]
