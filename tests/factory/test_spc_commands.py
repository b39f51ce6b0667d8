"""`factory spc`: charts of a historian that is there, as a table and for machines."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from factory.cli import app
from plant.clock import now_ms
from plant.errors import FactoryError
from plant.historian.open import open_historian
from plant.historian.protocol import MINUTE_MS, Retention, Tier, TierColumns
from plant.model.load import load
from plant.model.tags import TagTable
from plant.packml import State

MINUTES = 600
PACKER = "chelyabinsk/dry-mix/dry-mix-2/packer"


def minutes(tag: int, start: int, values: np.ndarray) -> TierColumns:
    """Whole minute rows."""
    count = len(values)
    whole, times = np.full(count, MINUTE_MS, np.int64), start + np.arange(count) * MINUTE_MS
    return TierColumns(
        np.full(count, tag, np.int32), times, values, values, values, values, np.ones(count, np.int64), whole
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten hours of one packer whose bags become lighter in the last."""
    found = tmp_path_factory.mktemp("data")
    tags = TagTable(load("gypsum"))
    index = {tag.path: tag.index for tag in tags}
    start = now_ms() // MINUTE_MS * MINUTE_MS - MINUTES * MINUTE_MS
    noise = np.random.default_rng(5).normal(30.0, 0.02, MINUTES)
    noise[-60:] -= 0.2
    with closing(open_historian("", tags, found, Retention())) as historian:
        for key, values in {
            "bag_mass": noise,
            "bag_mass_sp": np.full(MINUTES, 30.0),
            "state": np.full(MINUTES, float(State.EXECUTE)),
        }.items():
            historian.write_tier(Tier.MINUTE, minutes(index[f"{PACKER}/{key}"], start, values))
    return found


def run(folder: Path, *arguments: str) -> Result:
    """The command."""
    return CliRunner().invoke(app, ["spc", "--data", str(folder), *arguments])


def test_a_chart_has_limits_calls_and_capability(folder: Path) -> None:
    """Every point for machines; the shift calls from its first point on."""
    (chart,) = json.loads(run(folder, "--site", "chelyabinsk", "--unit", "dry-mix-2/packer", "--json").output)
    assert chart["tag"] == f"{PACKER}/bag_mass"
    assert chart["calls_now"]
    assert chart["calls"] == sum(point["calls"] for point in chart["points"])
    assert 10 <= chart["calls"] <= 13
    cpk = chart["capability"]["cpk"]
    assert cpk["low"] < cpk["value"] < cpk["high"]
    assert abs(chart["centre"]) < 0.01, "around the set point"


def test_the_table_says_what_is_not_ready(folder: Path) -> None:
    """A metric without a calm base has no figures."""
    said = run(folder, "--metric", "bag_mass").output
    assert "chelyabinsk/dry-mix-2/packer/bag_mass" in said
    assert "no calm base yet" in said


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [(("--metric", "bag_masss"), "bag_mass"), (("--site", "nowhere"), "leave --site")],
)
def test_what_is_not_there_is_told_with_the_mend(folder: Path, arguments: tuple[str, ...], mend: str) -> None:
    """One clear sentence."""
    error = run(folder, *arguments).exception
    assert isinstance(error, FactoryError)
    assert mend in str(error)
