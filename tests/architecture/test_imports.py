"""The rooms of the project and who may know whom."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = {"plant", "simulators", "collectors", "dashboard", "factory"}
MAY_IMPORT = {
    "plant": {"plant"},
    "simulators": {"plant", "simulators"},
    "collectors": {"plant", "collectors"},
    "dashboard": {"plant", "dashboard"},
    "factory": ROOMS,
}
PURE = [
    "plant/alarms",
    "plant/rollup.py",
    "plant/counters.py",
    "plant/changes.py",
    "plant/quality",
    "plant/kpi",
    "plant/readings.py",
    "plant/sparkplug",
    "plant/model",
    "plant/mapping",
    "plant/summary",
    "simulators/world",
    "simulators/report.py",
    "simulators/control/messages.py",
    "simulators/control/desk.py",
    "simulators/control/claim.py",
    "simulators/control/begin.py",
    "simulators/load/records.py",
    "simulators/load/schedule.py",
    "simulators/load/signals.py",
    "dashboard/figures",
    "dashboard/period.py",
]
"""Mathematics and state machines: no clock, no network, no framework."""
IMPURE_MODULES = {
    "asyncio",
    "paho",
    "socket",
    "requests",
    "urllib",
    "duckdb",
    "influxdb_client",
    "threading",
    "dash",
    "sqlalchemy",
}
IMPURE_CALLS = {("time", "time"), ("time", "monotonic"), ("datetime", "now"), ("datetime", "utcnow"), ("os", "getenv")}
READS_ENVIRONMENT = {"plant/settings.py"}
"""The only code outside the composition roots that names the environment; `read` takes it as a parameter."""


def modules(room: str) -> list[Path]:
    return [path for path in sorted((ROOT / room).rglob("*.py")) if not path.name.endswith("_pb2.py")]


def imported(path: Path) -> set[str]:
    """Top-level packages that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_rooms_meet_only_over_mqtt_historian_and_database(room: str) -> None:
    """simulators, collectors and dashboard import plant and never each other; plant imports nothing of ours."""
    wrong = {str(path.relative_to(ROOT)): imported(path) & (ROOMS - MAY_IMPORT[room]) for path in modules(room)}
    assert not {path: names for path, names in wrong.items() if names}
    assert modules(room), f"{room} holds code"


@pytest.mark.parametrize("place", PURE)
def test_mathematics_knows_no_framework(place: str) -> None:
    """Pure code imports no I/O and takes its time as a parameter."""
    path = ROOT / place
    files = [path] if path.suffix else [file for file in sorted(path.rglob("*.py")) if not file.stem.endswith("_pb2")]
    assert files, f"{place} exists"
    for file in files:
        assert not imported(file) & (IMPURE_MODULES - ({"dash"} if "figures" in place else set())), file
        calls = {
            (node.func.value.id, node.func.attr)
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        }
        assert not calls & IMPURE_CALLS, file


def test_only_composition_roots_read_the_environment() -> None:
    """Everything but `__main__` modules and factory/ receives its settings."""
    readers = {
        str(path.relative_to(ROOT))
        for room in ROOMS - {"factory"}
        for path in modules(room)
        if path.name != "__main__.py"
        and any(name in path.read_text(encoding="utf-8") for name in ("os.environ", "os.getenv"))
    }
    assert readers <= READS_ENVIRONMENT


FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "shared", "misc", "manager", "base2"}


def test_names_say_what_is_inside() -> None:
    """No module or package is called utils, helpers, common or the like."""
    assert not [path for room in ROOMS for path in modules(room) if FORBIDDEN & {path.stem, path.parent.name}]
