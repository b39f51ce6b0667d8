"""The fleet as a service: world, edge nodes, health and metrics, and the world's state on disk."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

import structlog
from prometheus_client import CollectorRegistry

from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from plant.service import HealthServer
from simulators.control.begin import asked_for, begin
from simulators.control.channel import ControlChannel
from simulators.control.steering import Steering
from simulators.control.topics import ControlTopics
from simulators.fleet.config import FleetConfig, chosen_sites
from simulators.fleet.fleet import Fleet
from simulators.fleet.status import FleetMetrics, FleetStatus, health
from simulators.orders.publisher import OrdersPublisher
from simulators.report import Reporter
from simulators.truth.ledger import TruthLedger
from simulators.world.world import World

log = structlog.get_logger(__name__)

DAY_MS = 86_400_000


def wall_clock_ms() -> int:
    """UTC ms."""
    return time.time_ns() // 1_000_000


def show_nothing(_status: FleetStatus) -> None:
    """For runs that nobody watches."""


async def run(config: FleetConfig, stop: asyncio.Event, show: Callable[[FleetStatus], None] = show_nothing) -> None:
    """Simulate until `stop`: edge nodes of the chosen sites, their deaths and the saved world at the end.

    Args:
        config: What to simulate.
        stop: Ends the run.
        show: Told of the status about every second.

    Raises:
        ConfigurationError: The model, a site or the saved world is wrong, or the service port is taken.
    """
    enterprise = load(config.model)
    topics = ControlTopics(config.name)
    world = open_world(config, enterprise, wall_clock_ms())
    _begin_scenarios(config, world)
    ledger = None if config.truth is None else TruthLedger(world, config.truth, enterprise)
    fleet = Fleet(
        config,
        enterprise,
        world,
        Reporter(TagTable(enterprise)),
        clock=wall_clock_ms,
        rng=random.Random(),
        on_scan=None if ledger is None else ledger.look,
        save=lambda: _save(config, world, ledger),
    )
    registry = CollectorRegistry()
    registry.register(FleetMetrics(lambda: fleet.latest))
    steering = Steering(world, fleet, enterprise, wall_clock_ms)
    channel = ControlChannel(
        config.broker, topics, steering.carry_out, steering.status, clock=wall_clock_ms, rng=random.Random()
    )
    planner = OrdersPublisher(config.broker, enterprise.slug, world, random.Random())
    with HealthServer(config.service_port, lambda _: health(fleet.latest), registry):
        async with asyncio.TaskGroup() as tasks:
            control = tasks.create_task(channel.run())
            tasks.create_task(planner.run())
            await fleet.run(stop, show)
            await planner.close()
            control.cancel()
        _save(config, world, ledger)
        if ledger is not None:
            ledger.close()


def open_world(config: FleetConfig, enterprise: Enterprise, now_ms: int) -> World:
    """A fresh world, or the saved one.

    Args:
        config: What to simulate.
        enterprise: The model.
        now_ms: Wall clock, UTC ms.

    Raises:
        ConfigurationError: A site does not exist, or the saved world cannot be used.
    """
    begin_ms = config.start_ms
    if begin_ms is None:
        begin_ms = now_ms if config.speed == 1.0 and config.end_ms is None else now_ms - DAY_MS
    sites = [site.slug for site in chosen_sites(enterprise, config.sites)]
    begin_ms -= begin_ms % config.scan_ms
    world = World(enterprise, TagTable(enterprise), text_tags(enterprise), sites, config.seed, begin_ms)
    if config.resume is not None:
        world.load(config.resume)
    return world


def _begin_scenarios(config: FleetConfig, world: World) -> None:
    """Play what the command line asks for, but nothing twice that a saved world is still playing."""
    playing = {each.scenario for each in world.injections()}
    for asked in map(asked_for, config.scenarios):
        if asked.scenario in playing:
            log.info("the saved world is playing this scenario already", scenario=asked.scenario)
        else:
            log.info("a scenario is played", text=begin(world, asked))


def _save(config: FleetConfig, world: World, ledger: TruthLedger | None) -> None:
    """Save the truth, then the world: what goes on from it has a past that is complete."""
    if ledger is not None:
        ledger.flush()
    if config.state is not None:
        world.save(config.state)
