from dataclasses import replace

from live_plant import site_health
from screens import FORMER, KILN, NOW, HandClock, services

from dashboard.health import SystemHealth, summary
from dashboard.services import Services
from plant.messages import HealthMessage, Value, ValuesMessage
from plant.readings import GOOD


def _live(parts: Services, **changes: HealthMessage) -> None:
    """Both sites live; some health messages replaced."""
    parts.live.connected = True
    beta = next(unit for unit in parts.enterprise.site("beta").units)
    for unit in (KILN, FORMER, "/".join(beta.path)):
        parts.live.put_values(unit, ValuesMessage(NOW, {"power": Value(1.0, NOW, GOOD)}))
    for site in parts.enterprise.sites:
        parts.live.put_health(site.slug, changes.get(site.slug, site_health(site, NOW)))


def _summary(parts: Services, now: int = NOW) -> SystemHealth:
    return summary(parts.enterprise, parts.live, now, tabs=1, ticking=True)


def _alpha(parts: Services, **changes: object) -> HealthMessage:
    message = site_health(parts.enterprise.site("alpha"), NOW)
    return replace(message, collector=replace(message.collector, **changes))  # type: ignore[arg-type]


def test_all_is_well() -> None:
    """With every site live, a store that takes writes and a broker, all is ok and the sums are over sites."""
    parts = services()
    _live(parts)
    health = _summary(parts)
    assert health.ok
    assert (health.sites_live, health.edge_nodes_online) == (2, health.edge_nodes)
    assert health.tags == health.tags_expected == len(parts.tags)


def test_one_collector_counts_once() -> None:
    """A collector that owns several sites tells of itself in each; its figures are not added up."""
    parts = services()
    _live(parts)
    assert _summary(parts).values_per_s == 250.0


def test_two_collectors_add_up_and_the_slower_counts() -> None:
    """Rates and counts of distinct collectors add, the lag is that of the worst."""
    parts = services()
    other = _alpha(parts, host_id="collector-2", ingest_lag_p95_ms=900.0, quarantined={"nan": 2})
    _live(parts, alpha=other)
    health = _summary(parts)
    assert (health.values_per_s, health.ingest_lag_p95_ms, health.quarantined) == (500.0, 900.0, {"nan": 2})


def test_a_store_that_refuses_is_not_well() -> None:
    """One collector whose store is lost makes the whole not ok, with its reason."""
    parts = services()
    _live(parts, alpha=_alpha(parts, host_id="collector-2", historian_ok=False, historian_detail="disk full"))
    health = _summary(parts)
    assert not health.ok
    assert (health.historian.ok, health.historian.detail) == (False, "disk full")


def test_old_health_is_no_health() -> None:
    """Health messages older than some seconds mean that the collector is away: nothing is claimed from them."""
    clock = HandClock()
    parts = services(clock)
    _live(parts)
    clock.now += 11_000
    health = _summary(parts, clock.now)
    assert (health.ok, health.sites_live, health.tags, health.values_per_s) == (False, 0, 0, 0)
    assert health.ingest_lag_p95_ms is None


def test_the_disk_forecast_is_of_the_fullest_disk() -> None:
    """Days left are free space over growth; without growth or a disk there is no forecast."""
    parts = services()
    _live(parts, alpha=_alpha(parts, host_id="c2", disk_free_bytes=10 << 30, growth_bytes_per_day=float(1 << 30)))
    assert _summary(parts).disk.days_left == 10.0
    _live(parts)
    disk = _summary(parts).disk
    assert (disk.days_left, disk.size_bytes) == (None, 1 << 20)


def test_without_a_broker_or_ticks_the_dashboard_is_not_ok() -> None:
    """The dashboard is ok only while it reads the namespace and makes frames."""
    parts = services()
    _live(parts)
    assert not summary(parts.enterprise, parts.live, NOW, tabs=0, ticking=False).dashboard_ok
    parts.live.connected = False
    assert not _summary(parts).dashboard_ok
