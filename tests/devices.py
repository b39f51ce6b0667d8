"""What tests of third-party devices share: a mapping for the tiny model, and messages that fit it."""

from __future__ import annotations

import json
from pathlib import Path

from mappings import KILN, TAGS

POWER = TAGS.by_path(f"{KILN}/power").index
TEMPERATURE = TAGS.by_path(f"{KILN}/temperature").index
FORMER_POWER = TAGS.by_path("beta/shop/board-1/former/power").index
TOPIC = "meters/k-1/data"
MAPPING = """\
mapping: meters
stale_after: {stale_after}
tables:
  serials: {{k-1: alpha/shop/kiln-1/kiln, b-1: beta/shop/board-1/former}}
rules:
  meters:
    topic: meters/{{serial}}/data
    shape: object
    unit: "{{serial|serials}}"
    time: {{path: ts, format: epoch_ms}}
    values:
      p: {{metric: power}}
      why: {{metric: reason}}
  plain:
    topic: sensors/{{serial}}/{{name}}
    shape: plain
    unit: "{{serial|serials}}"
    time: arrival
    values:
      t: {{metric: temperature}}
"""


def mapping_file(folder: Path, stale_after: str = "5 min") -> Path:
    """The mapping as a file."""
    file = folder / "meters.yaml"
    file.write_text(MAPPING.format(stale_after=stale_after), encoding="utf-8")
    return file


def message(time: int, value: object, **others: object) -> bytes:
    """What a meter publishes."""
    return json.dumps({"ts": time, "p": value, **others}).encode()
