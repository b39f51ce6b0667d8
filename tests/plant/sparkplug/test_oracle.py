"""An independent codec, npm's sparkplug-payload (Eclipse Tahu), reads what we write and writes what we read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sparkplug_peers import START_MS, EdgeBench, HostBench, of_kind

from plant.sparkplug.codec import encode
from plant.sparkplug.datatypes import DataType, accessor
from plant.sparkplug.edge import MetricDefinition
from plant.sparkplug.host import Birth, Data
from plant.sparkplug.payload_pb2 import SparkplugPayload

VERSION = "1.0.3"
JS_NAMES = {
    DataType.INT8: "Int8",
    DataType.INT16: "Int16",
    DataType.INT32: "Int32",
    DataType.INT64: "Int64",
    DataType.UINT8: "UInt8",
    DataType.UINT16: "UInt16",
    DataType.UINT32: "UInt32",
    DataType.UINT64: "UInt64",
    DataType.FLOAT: "Float",
    DataType.DOUBLE: "Double",
    DataType.BOOLEAN: "Boolean",
    DataType.STRING: "String",
    DataType.DATETIME: "DateTime",
    DataType.TEXT: "Text",
    DataType.UUID: "UUID",
    DataType.BYTES: "Bytes",
    DataType.FILE: "File",
}
SCALARS: list[tuple[DataType, Any]] = [
    *((DataType.INT8, value) for value in (-128, -5, 0, 127)),
    *((DataType.INT16, value) for value in (-(2**15), -5, 0, 2**15 - 1)),
    *((DataType.INT32, value) for value in (-(2**31), -5, 0, 2**31 - 1)),
    *((DataType.INT64, value) for value in (-(2**63), -5, 0, 2**63 - 1)),
    *((DataType.UINT8, value) for value in (0, 255)),
    *((DataType.UINT16, value) for value in (0, 2**16 - 1)),
    *((DataType.UINT32, value) for value in (0, 5, 2**31 - 1, 2**32 - 1)),
    *((DataType.UINT64, value) for value in (0, 5, 2**64 - 1)),
    *((DataType.FLOAT, value) for value in (-0.5, 0.0, 16777216.0)),
    *((DataType.DOUBLE, value) for value in (-0.1, 0.0, 1e300)),
    *((DataType.BOOLEAN, value) for value in (True, False)),
    *((DataType.STRING, value) for value in ("", "Гипс №1")),
    *((DataType.DATETIME, value) for value in (0, START_MS)),
    (DataType.TEXT, "text"),
    (DataType.UUID, "123e4567-e89b-12d3-a456-426614174000"),
    (DataType.BYTES, b"\x00\xff"),
    (DataType.FILE, b"\x00\xff"),
]
Oracle = Callable[[dict[str, Any]], Any]


def _package(folder: Path) -> Path:
    """The installed package, from the cache or from npm."""
    modules = folder / "node_modules"
    manifest = modules / "sparkplug-payload" / "package.json"
    if manifest.exists() and json.loads(manifest.read_text())["version"] == VERSION:
        return modules
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.fail("node and npm are not installed; the Sparkplug oracle needs them (`make test` says how)")
    command = [npm, "install", f"sparkplug-payload@{VERSION}", "--prefix", str(folder)]
    command += ["--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"npm could not install sparkplug-payload@{VERSION}:\n{done.stderr}")
    return modules


@pytest.fixture(scope="module")
def oracle(pytestconfig: pytest.Config) -> Iterator[Oracle]:
    """Sends one request to the codec in node and returns its answer."""
    modules = _package(pytestconfig.cache.mkdir("npm-oracle"))
    script = Path(__file__).with_name("oracle.js")
    environment = {**os.environ, "NODE_PATH": str(modules)}
    with subprocess.Popen(
        ["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as node:
        sender, receiver = node.stdin, node.stdout
        assert sender is not None
        assert receiver is not None

        def ask(request: dict[str, Any]) -> Any:
            sender.write(json.dumps(request) + "\n")
            sender.flush()
            return json.loads(receiver.readline())

        yield ask
        sender.close()


def as_js(datatype: DataType, value: Any) -> Any:
    """A value as oracle.js takes it."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    wide = {DataType.INT64, DataType.UINT32, DataType.UINT64, DataType.DATETIME}
    return {"long": str(value)} if datatype in wide else value


def from_js(datatype: DataType, value: Any) -> Any:
    """A value as oracle.js gives it."""
    if isinstance(value, dict):
        value = int(value["long"]) if "long" in value else bytes.fromhex(value["hex"])
    # The oracle hands a UInt32 out as a signed 32-bit number.
    return value % 2**32 if datatype is DataType.UINT32 else value


def decoded(oracle: Oracle, payload: SparkplugPayload) -> Any:
    """Our payload as the oracle reads it."""
    return oracle({"decode": encode(payload).hex()})


@pytest.mark.parametrize(("datatype", "value"), SCALARS)
def test_the_oracle_reads_our_scalars(oracle: Oracle, datatype: DataType, value: Any) -> None:
    """Every scalar datatype that we write is read with its type, value, alias 0 and times."""
    payload = SparkplugPayload(timestamp=START_MS, seq=7)
    metric = payload.metrics.add(name="m", alias=0, datatype=datatype, timestamp=START_MS - 1)
    access = accessor(datatype)
    assert access is not None
    access.put(metric, value)
    answer = decoded(oracle, payload)
    assert (answer["timestamp"], answer["seq"]) == ({"long": str(START_MS)}, {"long": "7"})
    (read,) = answer["metrics"]
    assert (read["name"], read["type"]) == ("m", JS_NAMES[datatype])
    assert (read["alias"], read["timestamp"]) == ({"long": "0"}, {"long": str(START_MS - 1)})
    assert from_js(datatype, read["value"]) == value


@pytest.mark.parametrize(("datatype", "value"), SCALARS)
def test_we_read_the_oracles_scalars(oracle: Oracle, host: HostBench, datatype: DataType, value: Any) -> None:
    """Every scalar datatype that the oracle writes comes out of the host session's birth with its value."""
    metric = {"name": "m", "alias": 0, "type": JS_NAMES[datatype], "timestamp": START_MS}
    payload = {"timestamp": START_MS, "seq": 0, "metrics": [{**metric, "value": as_js(datatype, value)}]}
    (birth,) = of_kind(host.hear("spBv1.0/g/NBIRTH/n", bytes.fromhex(oracle({"encode": payload}))), Birth)
    (row,) = birth.table.rows
    assert (row.name, row.alias, row.datatype) == ("m", 0, datatype)
    values = [*birth.reading.live.values, *(other.value for other in birth.reading.others)]
    assert values == [value]


def test_the_oracle_reads_our_births(oracle: Oracle, make_edge: Callable[..., EdgeBench]) -> None:
    """A DBIRTH of every scalar datatype, with one value, one null and one quality, is read as it was meant."""
    edge = make_edge(devices={"d": tuple(MetricDefinition(datatype.name, datatype) for datatype in JS_NAMES)})
    edge.data("d", (0, -5), (9, 2.5), qualities=[192, 500])
    edge.connect()
    metrics = {metric["name"]: metric for metric in decoded(oracle, edge.sent[1].payload)["metrics"]}
    assert metrics["INT8"]["value"] == -5
    assert metrics["DOUBLE"]["properties"] == {"Quality": {"type": "Int32", "value": 500}}
    nulls = [name for name, metric in metrics.items() if metric["value"] is None]
    assert sorted(nulls) == sorted(datatype.name for datatype in JS_NAMES if datatype.name not in {"INT8", "DOUBLE"})


def test_the_oracle_reads_the_flags_of_our_data(oracle: Oracle, edge: EdgeBench) -> None:
    """Historical values, nulls and qualities in DATA are read as they were meant; there is no name and no datatype."""
    edge.connect()
    sent = edge.data("d1", (0, None), (1, 2.5), qualities=[0, 0], historical=True)
    assert sent is not None
    null, bad = decoded(oracle, sent.payload)["metrics"]
    assert (null["value"], null["isHistorical"], "name" in null, "type" in null) == (None, True, False, False)
    assert bad["properties"]["Quality"] == {"type": "Int32", "value": 0}


def test_we_read_the_oracles_nulls_qualities_and_history(oracle: Oracle, host: HostBench) -> None:
    """A null, a quality and a historical value that the oracle wrote come out in their places."""
    host.nbirth("a", "b", "c")
    quality = {"Quality": {"type": "Int32", "value": 500}}
    metrics = [
        {"alias": 0, "type": "Double", "value": None, "timestamp": START_MS},
        {"alias": 1, "type": "Double", "value": 2.5, "timestamp": START_MS, "properties": quality},
        {"alias": 2, "type": "Double", "value": 3.5, "timestamp": START_MS - 9, "isHistorical": True},
    ]
    wire = oracle({"encode": {"timestamp": START_MS, "seq": 1, "metrics": metrics}})
    (data,) = of_kind(host.hear("spBv1.0/g/NDATA/n", bytes.fromhex(wire)), Data)
    assert (data.reading.live.indices, data.reading.live.qualities) == ([0, 1], [0, 500])
    assert data.reading.live.values[1] == 2.5
    assert (data.reading.historical.values, data.reading.historical.timestamps_ms) == ([3.5], [START_MS - 9])


def test_we_survive_the_oracles_datasets_and_templates(oracle: Oracle, host: HostBench) -> None:
    """What we do not use is counted, and the metric beside it is read."""
    metrics = [
        {
            "name": "table",
            "type": "DataSet",
            "value": {"numOfColumns": 1, "columns": ["c"], "types": ["String"], "rows": [["x"]]},
        },
        {"name": "shape", "type": "Template", "value": {"isDefinition": True, "metrics": [], "parameters": []}},
        {"name": "m", "type": "Double", "value": 1.5},
    ]
    wire = oracle({"encode": {"timestamp": START_MS, "seq": 0, "metrics": metrics}})
    (birth,) = of_kind(host.hear("spBv1.0/g/NBIRTH/n", bytes.fromhex(wire)), Birth)
    assert birth.reading.live.values == [1.5]
    assert host.session.rejected == {"unsupported_type": 2}
