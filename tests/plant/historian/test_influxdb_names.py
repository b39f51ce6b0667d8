"""Hostile names and texts against the real server: whatever they hold, they are data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from servers.processes import Server

from plant.errors import StoreRejectedError
from plant.historian.influxdb.address import InfluxDBAddress
from plant.historian.influxdb.connection import Connection
from plant.historian.influxdb.historian import InfluxDBHistorian
from plant.historian.influxdb.quoting import line_name, ql_name, ql_text
from plant.historian.protocol import Retention
from plant.readings import GOOD, Columns, Event, EventKind

pytestmark = pytest.mark.influxdb

NOW = time.time_ns() // 1_000_000
TIME = count(NOW - 10_000_000)
SPECIAL = "\\'\",= ;\n\t\r#()[]{}<>$%/*-.|?й日\x00\x7f\u2028"
HOSTILE = (
    "x' OR 'x'='x",
    'x"; DROP DATABASE "victim"; --',
    "x'; DROP DATABASE \"victim\"; SELECT '",
    "\\' OR 1=1 --",
    '\\"; DROP MEASUREMENT "raw"; --',
    "a,site=alpha x=1 1\nraw,site=alpha",
    "/.*/",
    "$site",
    "a\\,b",
    "a\\=b\\ c",
    "name\\\\",
)
NAMES = st.sampled_from(HOSTILE) | st.text(st.sampled_from(SPECIAL + "ab1"), min_size=1, max_size=12)
"""``/`` parts the levels of a storage path and is left out of names below."""


@pytest.fixture(scope="module")
def victim(influxdb_server: Server) -> Iterator[Connection]:
    """A database whose content must not change."""
    connection = Connection(InfluxDBAddress("127.0.0.1", "victim", influxdb_server.port), "", "")
    connection.query('CREATE DATABASE "victim"')
    yield connection
    connection.query('DROP DATABASE "victim"')
    connection.close()


def carried(name: str) -> bool:
    """Whether line protocol can say this name; what it cannot is refused before anything is sent."""
    try:
        line_name(name)
    except StoreRejectedError:
        return False
    return True


def said(text: str) -> bool:
    """Whether InfluxQL can say this text."""
    return "\0" not in text and "\r" not in text


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, NAMES, NAMES)
def test_hostile_names_are_data(victim, site: str, key: str, text: str) -> None:
    """A line whose tag, field and text are hostile is one point: it reads back as it was, and nothing else does."""
    assume(carried(site) and carried(key) and said(text))
    at = next(TIME)
    victim.write("autogen", f"names,site={line_name(site)} {line_name(key)}=1.5 {at}")
    condition = f"{ql_name('site')} = {ql_text(site)} AND time = {at}ms"
    (answer,) = victim.query(f'SELECT {ql_name(key)} FROM "names" WHERE {condition} GROUP BY "site"')
    assert (answer.rows, answer.tags) == ([[at, 1.5]], {"site": site})
    (points,) = victim.query(f'SELECT * FROM "names" WHERE time = {at}ms')
    assert len(points.rows) == 1
    assert (
        victim.query(f'SELECT * FROM "names" WHERE {ql_name("site")} = {ql_text(text + site)} AND time = {at}ms') == []
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, st.text(max_size=20) | NAMES)
def test_hostile_units_and_texts_in_the_historian(victim, twin_tags, influxdb_server, slug: str, text: str) -> None:
    """Events of a hostile unit come back as they were or are refused; asking for it and deleting it harm nobody."""
    address = InfluxDBAddress("127.0.0.1", "victim", influxdb_server.port)
    historian = InfluxDBHistorian(address, twin_tags, Retention())
    unit, at = f"alpha/kiln/{slug.replace('/', '|')}", next(TIME)
    told = Event(at, unit, EventKind.TEXT, slug, text, -1, GOOD)
    keeper = replace(told, unit="alpha/kiln/keeper", metric="recipe", text="kept")
    historian.write_events([keeper])
    historian.write(Columns.of([0], [at], [1.0], [GOOD]))
    try:
        historian.write_events([told])
    except StoreRejectedError:
        told = None
    asked = [name for name in (unit, keeper.unit) if said(name)]

    def found() -> list[Event]:
        return [event for event in historian.events(asked, [EventKind.TEXT], at, at + 1) if event.time == at]

    assert sorted(found(), key=repr) == sorted([keeper] if told is None else [keeper, told], key=repr)
    if said(unit):
        historian.delete(unit, at, at + 1)
        assert found() == [keeper]
    assert len(historian.raw([0], at, at + 1)) == 1
    historian.close()


@pytest.mark.parametrize("name", ["", "a\nb", "a\rb", "a\0b", "\tb", "a\\", "a\\,b", "a\\=b", "a\\ b", 'a\\"b'])
def test_what_a_line_cannot_carry_is_refused(name: str) -> None:
    """The server would read another name, or another line: nothing is sent."""
    with pytest.raises(StoreRejectedError, match="cannot carry the name"):
        line_name(name)


@pytest.mark.parametrize("quote", [ql_name, ql_text])
@pytest.mark.parametrize("text", ["a\rb", "a\0b"])
def test_what_a_statement_cannot_carry_is_refused(quote: Callable[[str], str], text: str) -> None:
    """InfluxQL ends a text there."""
    with pytest.raises(StoreRejectedError, match="cannot carry"):
        quote(text)
