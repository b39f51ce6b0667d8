"""`factory up` with the second enterprise: two workshops that share no word with the first."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from servers import factory as servers
from servers import wire
from servers.factory import Factory
from servers.processes import accepts, until

from plant.historian.open import open_historian
from plant.historian.protocol import MINUTE_MS, Retention
from plant.model.load import load
from plant.model.tags import TagTable

pytestmark = pytest.mark.broker


@pytest.fixture
def workshops(tmp_path: Path) -> Iterator[Factory]:
    """The running print farm with an hour of history."""
    factory = servers.start(tmp_path / "data", "--model", "print-farm", "--history", "1h")
    yield factory
    if factory.process.poll() is None:
        factory.stop()


def children(factory: Factory) -> dict[str, psutil.Process]:
    """The supervised processes by module."""
    return {
        child.cmdline()[3]: child
        for child in psutil.Process(factory.process.pid).children()
        if child.cmdline()[2:3] == ["factory.child"]
    }


def test_it_has_history_from_the_start_and_another_enterprise(workshops: Factory) -> None:
    """Two sites are live, the last hour is there, the quarantine can be read, the command says where to look."""
    assert workshops.health()["sites"] == 2
    said = workshops.said()
    assert workshops.url in said
    assert "Ctrl-C" in said
    with urllib.request.urlopen(f"{workshops.url}/quarantine", timeout=5) as answer:
        assert set(json.load(answer)) == {"counts", "entries"}
    workshops.stop()
    tags = TagTable(load("print-farm"))
    with closing(open_historian("", tags, workshops.data, Retention())) as historian:
        span = historian.span()
    assert span is not None
    assert span[1] - span[0] >= 55 * MINUTE_MS


def test_a_child_that_dies_is_started_again_and_said(workshops: Factory) -> None:
    """Simulators killed -9 come back by themselves; all sites are live again."""
    os.kill(children(workshops)["simulators"].pid, signal.SIGKILL)
    until(lambda: "simulators is back" in workshops.said(), "the simulators are back", 30)
    assert "simulators ended with code -9" in workshops.said()
    until(lambda: workshops.health().get("sites_live") == 2, "both sites are live again", 60)


def test_ctrl_c_ends_all_children_and_loses_nothing(workshops: Factory) -> None:
    """What passed over the broker until the end is in the historian, every source time of every device."""
    processes = list(children(workshops).values())
    assert len(processes) == 3
    with wire.listening(workshops.broker, "spBv1.0/+/DDATA/#") as arrivals:
        until(lambda: len(arrivals) > 50, "values pass", 60)
        begun = time.monotonic()
        assert workshops.stop() == 0
        print(f"\nCtrl-C to the end of all children: {time.monotonic() - begun:.1f} s", file=sys.stderr)
    assert not [process for process in processes if process.is_running()]
    assert not accepts(workshops.broker.port)
    tags = TagTable(load("print-farm"))
    source = {tag.index: (tag.unit.gateway, tag.unit.slug) for tag in tags}
    first = min(at for _, _, at in arrivals)
    with closing(open_historian("", tags, workshops.data, Retention())) as historian:
        rows = historian.raw(range(len(tags)), first, first + 3_600_000)
    stored = {(*source[tag], at) for tag, at in zip(rows.tag.tolist(), rows.time.tolist(), strict=True)}
    assert set(arrivals) <= stored
