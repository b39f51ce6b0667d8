"""`factory tags discover`: from the births of gateways that nobody described to a model that can be used."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest
from collecting import tiny
from fleets import fleet_running, listening
from hypothesis import given, settings
from hypothesis import strategies as st
from links import until

from factory.draft import FILL, draft
from factory.guesses import role
from factory.survey import ASK_EVERY_MS, MOST_REQUESTS, REBIRTH_INTERVAL_MS, Declared, Survey
from factory.tags_commands import discover
from plant.errors import BrokerUnavailableError, ConfigurationError, FactoryError
from plant.model.enterprise import Role
from plant.model.load import load
from plant.model.mistakes import InvalidModelError
from plant.mqtt.address import BrokerAddress
from plant.sparkplug.codec import decode, encode
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.payload_pb2 import SparkplugPayload
from plant.sparkplug.topic import NodeId

NOW = 1_790_000_000_000
NODE = NodeId("Завод 1", "Line 1")


def birth(*metrics: tuple[str, int]) -> bytes:
    """A birth with metrics of these names and datatypes."""
    payload = SparkplugPayload(timestamp=NOW, seq=0)
    for name, datatype in metrics:
        payload.metrics.add(name=name, datatype=datatype)
    return encode(payload)


def filled(text: str, but: str = "") -> str:
    """What an engineer makes of the marked places, but for one kind."""
    places = {"zone": "Europe/Moscow", "latitude": "55", "longitude": "37"}
    for key, value in places.items():
        text = text if key == but else text.replace(f"{key}: {FILL}", f"{key}: {value}")
    return text


def left(folder: Path, text: str) -> set[int]:
    """Lines that the check of a draft names."""
    with pytest.raises(InvalidModelError) as caught:
        checked(folder, text)
    return {each.line for each in caught.value.mistakes}


def checked(folder: Path, text: str):
    """The model of a text."""
    file = folder / "draft.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file)


@pytest.mark.broker
def test_simulated_gateways_are_found_and_their_draft_is_a_model(mosquitto: BrokerAddress, tmp_path: Path):
    """Births that came before are asked for again; what is drafted has their units, spans, types and roles."""
    out = tmp_path / "found.yaml"

    async def main() -> None:
        async with listening(mosquitto) as ear, fleet_running(mosquitto):
            await until(lambda: len(ear.topics("DDATA")) >= 3, "the gateways have been born")
            await asyncio.to_thread(discover, str(mosquitto), 3.0, None, out)

    asyncio.run(main())
    text = out.read_text(encoding="utf-8")
    marked = {number for number, line in enumerate(text.splitlines(), 1) if FILL in line and not line.startswith("#")}
    assert len(marked) == 6
    assert left(tmp_path, text) | left(tmp_path, filled(text, "zone")) == marked
    found, truth = checked(tmp_path, filled(text)), tiny()[0]
    assert {unit.slug for unit in found.units} == {unit.slug for unit in truth.units}
    assert {(site.slug, gateway.slug) for site in found.sites for gateway in site.gateways} == {
        (site.slug, gateway.slug) for site in truth.sites for gateway in site.gateways
    }
    for unit in truth.units:
        twin = next(each for each in found.units if (each.site, each.slug) == (unit.site, unit.slug))
        assert {m.key: (m.datatype, m.unit, m.span, m.role) for m in twin.metrics} == {
            m.key: (m.datatype, m.unit, m.span, m.role) for m in unit.metrics
        }


@pytest.mark.broker
def test_nothing_found_is_said(mosquitto: BrokerAddress, free_port, tmp_path: Path):
    """Whether nobody speaks or nobody listens."""
    with pytest.raises(FactoryError, match="no device was born"):
        discover(str(mosquitto), 0.3, ["nowhere"], tmp_path / "x.yaml")
    with pytest.raises(BrokerUnavailableError, match="cannot be reached"):
        discover(f"mqtt://127.0.0.1:{free_port()}", 0.3, None, None)
    with pytest.raises(ConfigurationError, match="--broker"):
        discover("", 0.3, None, None)


def test_nodes_are_asked_one_by_one_and_not_for_ever():
    """A storm of births would hit the plant; a node that never answers is told in the end."""
    survey = Survey()
    for number in range(3):
        survey.heard(f"spBv1.0/alpha/NDATA/n{number}", b"")
    asked: dict[str, list[int]] = {}
    now = NOW
    while now < NOW + 10 * REBIRTH_INTERVAL_MS:
        request = survey.due(now)
        if request is not None:
            asked.setdefault(request.topic, []).append(now)
            assert decode(request.payload).metrics[0].name == "Node Control/Rebirth"
        now += 50
    assert sorted(asked) == [f"spBv1.0/alpha/NCMD/n{number}" for number in range(3)]
    assert all(len(times) == MOST_REQUESTS for times in asked.values())
    every = sorted(time for times in asked.values() for time in times)
    assert min(later - earlier for earlier, later in pairwise(every)) >= ASK_EVERY_MS
    assert len(survey.silent) == 3


def test_a_node_that_was_born_is_not_asked():
    """And what others say on the broker is no news of it."""
    survey = Survey(frozenset({"alpha"}))
    survey.heard("spBv1.0/alpha/NBIRTH/n1", birth(("bdSeq", DataType.INT64)))
    survey.heard("spBv1.0/alpha/DBIRTH/n1/d1", birth(("p", DataType.DOUBLE), ("p", DataType.DOUBLE)))
    survey.heard("spBv1.0/beta/NDATA/n1", b"")
    survey.heard("spBv1.0/STATE/host", b"{}")
    survey.heard("spBv1.0/alpha/NCMD/n2", b"")
    survey.heard("spBv1.0/alpha/DBIRTH/n3/d", b"\xff")
    survey.heard("nonsense", b"")
    assert survey.due(NOW) is not None  # n3, whose birth could not be read
    assert survey.due(NOW + ASK_EVERY_MS) is None
    assert survey.refused == 2
    assert survey.devices()[NodeId("alpha", "n1")] == {"d1": (Declared("p", DataType.DOUBLE),)}


@pytest.mark.parametrize(
    ("name", "datatype", "unit", "guess"),
    [
        ("state", DataType.INT32, "", Role.STATE),
        ("MachineState", DataType.UINT16, "", Role.STATE),
        ("state", DataType.STRING, "", Role.VALUE),
        ("OperatingMode", DataType.INT16, "", Role.MODE),
        ("StopReason", DataType.STRING, "", Role.REASON),
        ("ActivePower", DataType.FLOAT, "kW", Role.POWER),
        ("ActivePower", DataType.FLOAT, "W", Role.VALUE),
        ("EnergyTotal", DataType.DOUBLE, "kWh", Role.ENERGY),
        ("Gas/Flow", DataType.DOUBLE, "m³/h", Role.GAS_FLOW),
        ("water_total", DataType.UINT64, "m3", Role.WATER),
        ("Temperature SP", DataType.DOUBLE, "°C", Role.SET_POINT),
        ("setPoint", DataType.DOUBLE, "kW", Role.SET_POINT),
        ("good_total", DataType.DOUBLE, "m2", Role.GOOD),
        ("good_total", DataType.DOUBLE, "", Role.VALUE),
        ("scrapCount", DataType.INT64, "pcs", Role.REJECT),
        ("FeedRate", DataType.DOUBLE, "t/h", Role.RATE),
        ("SiloLevel", DataType.DOUBLE, "%", Role.LEVEL),
        ("Running", DataType.BOOLEAN, "", Role.VALUE),
        ("Temperature", DataType.DOUBLE, "degC", Role.VALUE),
    ],
)
def test_a_role_is_guessed_from_name_type_and_unit(name: str, datatype: DataType, unit: str, guess: Role):
    """A guess that the model would refuse, such as a power in W, is not made."""
    assert role(Declared(name, datatype, unit), ()) is guess


def test_names_that_are_no_slugs_are_said_with_the_slug_that_would_do(tmp_path: Path):
    """Russian too; what cannot be taken stands there as a comment."""
    metrics = (
        Declared("Зона 1/Температура", DataType.DOUBLE, "°C", 0, 300),
        Declared("Temp.Zone1", DataType.DOUBLE, "°C", 300, 0),
        Declared("picture", DataType.FILE),
        Declared("State", DataType.INT32),
        Declared("LineState", DataType.INT64),
    )
    text = draft({NODE: {"Печь №1": metrics, "Печь №2": metrics, "values": (Declared("x", DataType.BOOLEAN),)}})
    assert 'published as "Завод 1"' in text
    assert '# not taken: "picture" has datatype 18' in text
    model = checked(tmp_path, filled(text))
    (site,) = model.sites
    assert site.slug == "zavod-1"
    assert [unit.slug for unit in site.units] == ["pech-1", "pech-2", "values-2"]
    keys = {metric.key: (metric.role, metric.unit, metric.span) for metric in next(site.units).metrics}
    assert set(keys) == {"zona-1-temperatura", "temp-zone1", "state", "line-state"}
    assert (keys["state"][0], keys["line-state"][0]) == (Role.STATE, Role.VALUE)
    assert keys["temp-zone1"][1:] == ("degC", None)
    assert len(model.unit_types) == 2


def test_without_devices_there_is_no_draft():
    """An edge node alone is no unit."""
    assert draft({NODE: {}}) == ""


NAMES = st.text(max_size=12)
METRICS = st.lists(
    st.builds(
        Declared,
        NAMES,
        st.integers(0, 40),
        st.sampled_from(["", "kW", "kWh", "°C", "m3", "weird unit", "\x07", "a: b"]) | st.text(max_size=4),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
    ),
    max_size=6,
    unique_by=lambda metric: metric.name,
).map(tuple)


@settings(max_examples=40)
@given(st.dictionaries(NAMES, METRICS, min_size=1, max_size=3))
def test_whatever_a_gateway_calls_things_the_draft_is_a_model(tmp_path_factory: pytest.TempPathFactory, units):
    """But for the marked places, of which a line whose units have no state is one."""
    text = filled(draft({NODE: units}))
    folder = tmp_path_factory.mktemp("draft")
    marked = {number for number, line in enumerate(text.splitlines(), 1) if FILL in line and not line.startswith("#")}
    if marked:
        assert left(folder, text) == marked
    else:
        assert len(list(checked(folder, text).units)) == len(units)
