"""What a user would write in an afternoon: paho's callback, JSON, `Point`, the batching `WriteApi`.

``python -m benchmarks.tutorial BROKER_PORT STORE_URL SHAPE``, with ``wide`` for a point of a message or ``narrow`` for
one of each metric. Nothing is checked, nothing is rolled up, what waits in memory is gone when the process ends.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import paho.mqtt.client as mqtt
from influxdb_client import InfluxDBClient, Point, WriteOptions, WritePrecision
from paho.mqtt.enums import CallbackAPIVersion

BATCH = {"wide": 500, "narrow": 5_000}
"""Points of a request: in both shapes what 5 000 to 32 000 values come in."""


def main(broker_port: str, store_url: str, shape: str) -> None:
    """Write what comes until killed."""
    client = InfluxDBClient(url=store_url, token="bench", org="bench")
    write_api = client.write_api(write_options=WriteOptions(batch_size=BATCH[shape], flush_interval=1_000))

    def point(topic: str, time_ms: int) -> Point:
        _, site, line, unit = topic.split("/")
        return Point("raw").tag("site", site).tag("line", line).tag("unit", unit).time(time_ms, WritePrecision.MS)

    def write(record: Point) -> None:
        write_api.write(bucket="bench", record=record, write_precision=WritePrecision.MS)

    def on_message(_client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        body = json.loads(message.payload)
        if shape == "wide":
            record = point(message.topic, body["time"])
            for key, value in body["values"].items():
                record.field(key, value)
            write(record)
        else:
            for key, value in body["values"].items():
                write(point(message.topic, body["time"]).field(key, value))

    subscriber = mqtt.Client(CallbackAPIVersion.VERSION2)
    subscriber.on_connect = lambda client, *_: client.subscribe("json/#")
    subscriber.on_subscribe = lambda *_: print("ready", flush=True)
    subscriber.on_message = on_message
    subscriber.connect("127.0.0.1", int(broker_port))
    subscriber.loop_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
