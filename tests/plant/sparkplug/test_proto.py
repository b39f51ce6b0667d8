"""The generated payload module."""

from __future__ import annotations

from pathlib import Path

import grpc_tools
from grpc_tools import protoc

import plant.sparkplug
from plant.sparkplug.payload_pb2 import DESCRIPTOR, SparkplugMetric, SparkplugPayload

ROOM = Path(plant.sparkplug.__file__).parent


def test_generating_again_gives_the_committed_module(tmp_path: Path) -> None:
    """payload_pb2.py and payload_pb2.pyi are what `make proto` makes of payload.proto, byte for byte."""
    root = ROOM.parent.parent
    options = [f"-I{root}", f"--python_out={tmp_path}", f"--pyi_out={tmp_path}"]
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    command = ["protoc", *options, f"-I{well_known}", "plant/sparkplug/payload.proto"]
    assert protoc.main(command) == 0
    for name in ("payload_pb2.py", "payload_pb2.pyi"):
        assert (tmp_path / "plant" / "sparkplug" / name).read_bytes() == (ROOM / name).read_bytes()


def test_the_schema_has_the_field_numbers_of_the_specification() -> None:
    """The numbers that a wrong schema would break silently: payload, metric and value fields."""
    payload = {field.name: field.number for field in SparkplugPayload.DESCRIPTOR.fields}
    assert payload == {"timestamp": 1, "metrics": 2, "seq": 3, "uuid": 4, "body": 5}
    names = ["name", "alias", "timestamp", "datatype", "is_historical", "is_transient", "is_null", "metadata"]
    names += ["properties", "int_value", "long_value", "float_value", "double_value", "boolean_value", "string_value"]
    names += ["bytes_value", "dataset_value", "template_value", "extension_value"]
    metric = {field.name: field.number for field in SparkplugMetric.DESCRIPTOR.fields}
    assert metric == {name: number for number, name in enumerate(names, start=1)}
    assert DESCRIPTOR.package == "plant.sparkplug"
