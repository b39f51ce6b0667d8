"""Sessions under test, each with a scripted peer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sparkplug_peers import EdgeBench, HostBench, metrics

from plant.sparkplug.edge import EdgeDefinition, EdgeSession
from plant.sparkplug.host import HostConfig, HostSession


@pytest.fixture
def make_edge() -> Callable[..., EdgeBench]:
    """Builds an edge node g/n: by default with two node metrics and devices d1 and d2 of two writable doubles each."""

    def make(last_bd_seq: int | None = None, **definition: Any) -> EdgeBench:
        parts: dict[str, Any] = {
            "group": "g",
            "node": "n",
            "devices": {"d1": metrics(2, writable=True), "d2": metrics(2, writable=True)},
            "node_metrics": metrics(2, writable=True),
        }
        return EdgeBench(EdgeSession(EdgeDefinition(**(parts | definition)), last_bd_seq))

    return make


@pytest.fixture
def edge(make_edge: Callable[..., EdgeBench]) -> EdgeBench:
    """The default edge node without a primary host, not connected yet."""
    return make_edge()


@pytest.fixture
def make_host() -> Callable[..., HostBench]:
    """Builds a host "h" of group "g" that is online; options go to its configuration."""

    def make(**config: Any) -> HostBench:
        bench = HostBench(HostSession(HostConfig("h", ("g",), **config)))
        bench.go_online()
        return bench

    return make


@pytest.fixture
def host(make_host: Callable[..., HostBench]) -> HostBench:
    """The default host, online."""
    return make_host()
