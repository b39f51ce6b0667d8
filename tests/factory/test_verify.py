"""`factory verify`: figures through the real parts against the truth, and that an error would be found."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from factory.cli import app
from factory.verify.compare import Check, Kind, Measured, checks
from factory.verify.expected import Expected, Stop
from factory.verify.report import worst
from factory.verify.verify import SHOWN_H, usual_hours, usual_sites
from plant.model.load import load
from plant.production.elements import Element, Loss
from plant.production.minutes import DTYPES, ProductionMinutes
from simulators.scenarios import library

LINE = "minsk/boards"
DIGIT = {"produced": 0.1, "good": 0.1, "energy_kwh": 1.0, "gas_m3": 1.0, "water_m3": 0.1}


def test_every_figure_of_every_line_is_true() -> None:
    """Two hours of two sites through broker, collector and historian, with and without a node that is cut off.

    States, stops, counts, energy, OEE, alarms, and that no minute was called settled too early.
    """
    chosen = ["--scenario", "normal_day", "--scenario", "comms_loss"]
    command = [sys.executable, "-m", "factory", "verify", *chosen, "--hours", "2", "--json"]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    found = json.loads(result.stdout)
    assert [run["scenario"] for run in found["scenarios"]] == chosen[1::2]
    assert not [run["failure"] for run in found["scenarios"] if run["failure"]]
    assert not [each for run in found["scenarios"] for each in run["figures"] if not each["ok"]]
    assert found["ok"]
    assert result.returncode == 0
    usual, away = ({(each["line"], each["figure"]): each for each in run["figures"]} for run in found["scenarios"])
    assert usual["minsk/boards", "produced"]["true"] > 1_000
    assert usual["minsk/boards", "APT s"]["true"] > 1_000
    assert len({line for line, _ in usual}) >= 10
    assert {each["kind"] for each in usual.values()} == set(Kind)
    assert away["volgograd", "alarms, lost: raised"]["true"] == 1


def _true() -> Expected:
    """An hour with a stop of 10 min."""
    found = Expected(produced=2_000.0, good=1_950.0, produced_ideal_s=2_900.0, good_ideal_s=2_800.0, energy_kwh=500.0)
    found.seconds.update({Element.APT: 3_000.0, Element.ADET: 600.0})
    found.losses[Loss.BREAKDOWN] = 600.0
    found.stops.append(Stop(600_000, 1_200_000, Element.ADET))
    return found


def _measured() -> Measured:
    columns = {name: np.zeros(2, dtype) for name, dtype in DTYPES.items()}
    columns |= {
        "element": np.array([Element.APT, Element.ADET], np.int16),
        "loss": np.array([Loss.NONE, Loss.BREAKDOWN], np.int16),
        "seconds": np.array([3_000.0, 600.0]),
        "produced": np.array([2_000.0, 0.0]),
        "good": np.array([1_950.0, 0.0]),
        "good_ideal_s": np.array([2_800.0, 0.0]),
        "energy_kwh": np.array([500.0, 0.0]),
    }
    return Measured.of(ProductionMinutes(**columns), [600_000])


def _wrong(measured: Measured, lying: str = "") -> list[str]:
    return [check.figure for check in checks(LINE, _true(), measured, DIGIT, lying) if not check.ok]


def test_what_is_true_is_right() -> None:
    """Equal figures have no error."""
    assert _wrong(_measured()) == []


@pytest.mark.parametrize(
    ("error", "figure"),
    [
        ({"elements": {Element.APT: 2_996.0, Element.ADET: 604.0}}, "APT s"),
        ({"losses": {Loss.MINOR_STOP: 600.0}}, "BREAKDOWN s"),
        ({"stop_starts": []}, "stops"),
        ({"stop_starts": [602_000]}, "latest start of a stop, s"),
        ({"sums": {"produced": 2_000.3}}, "produced"),
        ({"sums": {"energy_kwh": 497.0}}, "energy_kwh"),
        ({"sums": {"good_ideal_s": 2_750.0}}, "OEE, %"),
    ],
)
def test_an_error_of_the_engine_is_found(error: dict, figure: str) -> None:
    """Each kind of figure that is outside its limit is named."""
    right = _measured()
    changes = {
        name: {**dict.fromkeys(getattr(right, name), 0.0), **getattr(right, name), **value}
        if isinstance(value, dict)
        else value
        for name, value in error.items()
    }
    if figure == "BREAKDOWN s":
        changes["losses"] = dict.fromkeys(Loss, 0.0) | {Loss.MINOR_STOP: 600.0}
    assert figure in _wrong(replace(right, **changes))


def test_a_counter_that_lies_is_told_and_not_judged() -> None:
    """Nobody can know what a counter does not count: its error is shown with its cause."""
    measured = _measured()
    lying = replace(measured, sums={**measured.sums, "good": 1_852.0, "good_ideal_s": 2_660.0})
    assert _wrong(lying, "a counter is made to lie") == []
    assert _wrong(lying) == ["good", "OEE, %"]


def test_a_wrong_clock_moves_times_and_no_amounts() -> None:
    """What its edge node tells may be that much off; what was counted is counted all the same."""
    late = replace(_measured(), stop_starts=[690_000])
    assert [check.figure for check in checks(LINE, _true(), late, DIGIT) if not check.ok] == [
        "latest start of a stop, s"
    ]
    assert [check.figure for check in checks(LINE, _true(), late, DIGIT, clock_s=90.0) if not check.ok] == []
    more = replace(late, sums={**late.sums, "gas_m3": 3.0})
    assert [check.figure for check in checks(LINE, _true(), more, DIGIT, clock_s=90.0) if not check.ok] == ["gas_m3"]


def test_the_largest_error_of_each_figure_is_shown() -> None:
    """Of many lines the table has the one that is furthest from the truth."""
    small, large = (
        Check(Kind.COUNTS, line, "good", 10.0, measured, 1.0) for line, measured in (("a/b", 10.1), ("c/d", 9.0))
    )
    assert worst([small, large]) == [large]


@pytest.mark.parametrize("scenario", library.shipped())
def test_every_scenario_fits_into_its_run(scenario: str) -> None:
    """A run is longer than what it shows, on two sites, one of them on trial where the scenario needs that."""
    enterprise = load("gypsum")
    sites = [enterprise.site(slug) for slug in usual_sites(enterprise, scenario)]
    assert len(sites) == 2
    shown_h = SHOWN_H.get(scenario, library.load(scenario).length / 3_600_000)
    assert shown_h + 1.5 <= usual_hours(scenario) <= max(4.0, shown_h + 2.0)
    wanted = library.load(scenario).status
    assert wanted is None or wanted in {site.status for site in sites}


def test_an_unknown_scenario_is_one_sentence() -> None:
    """The known ones are named."""
    result = CliRunner().invoke(app, ["verify", "--scenario", "nothing"])
    assert result.exit_code == 1
    assert "there is no scenario 'nothing'; choose from all, alarm_flood" in str(result.exception)
