"""What the doctor says of a report."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from factory import doctor
from factory.cli import app
from plant.errors import FactoryError

WELL: dict[str, Any] = {
    "sites": 8,
    "sites_live": 8,
    "edge_nodes": 60,
    "edge_nodes_online": 60,
    "tags": 3000,
    "tags_expected": 3000,
    "values_per_s": 1000.0,
    "ingest_lag_p95_ms": 400.0,
    "historian": {"kind": "duckdb", "ok": True, "detail": ""},
    "collectors": [{"host_id": "collector-1", "sites": ["minsk"], "values_per_s": 1000.0, "detail": ""}],
    "dashboard_ok": True,
    "quarantined": {"out_of_range": 2},
    "sequence_gaps": 0,
    "rebirths": 0,
    "disk": {"days_left": 40.0},
}


def test_a_well_system_has_no_findings() -> None:
    """All figures are shown, none is wrong, and the JSON says ok."""
    findings = doctor.examine(WELL)
    assert all(finding.ok for finding in findings)
    assert json.loads(doctor.as_json(WELL, findings))["ok"] is True


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"sites_live": 7}, "sites_live"),
        ({"edge_nodes_online": 59}, "edge_nodes_online"),
        ({"tags": 0}, "tags"),
        ({"values_per_s": 0.0}, "values_per_s"),
        ({"ingest_lag_p95_ms": 1000.0}, "ingest_lag_p95_ms"),
        ({"ingest_lag_p95_ms": None}, "ingest_lag_p95_ms"),
        ({"historian": {"kind": "influxdb", "ok": False, "detail": "refused"}}, "historian"),
        ({"collectors": []}, "collectors"),
        ({"collectors": [WELL["collectors"][0] | {"detail": "another host with id collector-1"}]}, "collectors"),
        ({"dashboard_ok": False}, "dashboard_ok"),
        ({"disk": {"days_left": 2.0}}, "disk_days_left"),
    ],
)
def test_each_trouble_is_named_with_a_mend(change: dict[str, Any], name: str) -> None:
    """One figure that is not well is one finding that says what to do."""
    wrong = [finding for finding in doctor.examine(WELL | change) if not finding.ok]
    assert [finding.name for finding in wrong] == [name]
    assert wrong[0].mend
    assert json.loads(doctor.as_json({"ok": True} | WELL | change, doctor.examine(WELL | change)))["ok"] is False


def test_a_replay_is_not_taken_for_a_plant_that_is_away() -> None:
    """Sites that are not live although all edge nodes speak are said to speak of another time."""
    (away,) = (finding for finding in doctor.examine(WELL | {"sites_live": 0}) if not finding.ok)
    assert "replay" in away.mend
    gone = WELL | {"sites_live": 0, "edge_nodes_online": 0, "values_per_s": 0.0}
    assert "replay" not in next(finding for finding in doctor.examine(gone) if finding.name == "sites_live").mend


def test_nothing_there_is_one_sentence(free_port: Callable[[], int]) -> None:
    """Without a running system the doctor says so and how to start it."""
    result = CliRunner().invoke(app, ["doctor", "--port", str(free_port())])
    assert result.exit_code == 1
    assert isinstance(result.exception, FactoryError)
    assert "factory up" in str(result.exception)
