"""The embedded MQTT broker: rumqttd (from the `iotcore` wheel) with the limits that this system needs.

It suits one machine. It forgets retained messages when it restarts (collectors publish them all again at every
connect) and keeps at most `SEGMENT_BYTES` x `SEGMENTS` of messages per subscription filter for slow readers.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from string import Template

from iotcore import IotCoreBroker

from plant.mqtt.address import BrokerAddress

MAX_PAYLOAD_BYTES = 1_048_576
"""A larger message ends its sender's connection; the library's own limit of 20 480 bytes is below one large birth."""

SEGMENT_BYTES = 2_097_152
SEGMENTS = 4
MAX_RETAINED = 20_000
"""Retained messages that a new subscriber receives at once; rumqttd sends only 200 unless it is told."""

CONFIG = Template("""\
id = 0

[router]
id = 0
max_connections = 4000
max_outgoing_packet_count = $retained
max_segment_size = $segment_bytes
max_segment_count = $segments

[v4.1]
name = "mqtt-3.1.1"
listen = "$host:$port"
next_connection_delay_ms = 1

[v4.1.connections]
connection_timeout_ms = 10000
max_payload_size = $payload
max_inflight_count = 500
dynamic_filters = true
""")


def write_config(path: Path, address: BrokerAddress) -> Path:
    """Write the broker's configuration for one listener on `address`; returns `path`."""
    text = CONFIG.substitute(
        host=address.host,
        port=address.port,
        payload=MAX_PAYLOAD_BYTES,
        segment_bytes=SEGMENT_BYTES,
        segments=SEGMENTS,
        retained=MAX_RETAINED,
    )
    path.write_text(text, encoding="utf-8")
    return path


def run(config: Path) -> None:
    """Serve until the process is ended; a broker of this kind has no other way to stop."""
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)  # it names every packet at error level
    IotCoreBroker(config_path=str(config)).run_forever()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
