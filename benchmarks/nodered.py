"""Node-RED as a contestant: its installation, and the flow that a user would draw.

``mqtt in`` (JSON) to a function that gathers 500 messages to ``influxdb batch``. Nothing is checked, nothing is rolled
up, and what the function holds is gone when the process ends.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

PACKAGES = ("node-red", "node-red-contrib-influxdb")
INSTALL_S = 60
BATCH = 500
_GATHER = f"""\
const [, site, line, unit] = msg.topic.split("/");
const batch = context.get("batch") || [];
batch.push({{measurement: "raw", fields: msg.payload.values, tags: {{site, line, unit}}, timestamp: msg.payload.time}});
if (batch.length < {BATCH}) {{ context.set("batch", batch); return null; }}
context.set("batch", []);
msg.payload = batch;
return msg;
"""
_SETTINGS = """\
module.exports = {
    uiHost: "127.0.0.1", uiPort: %d, flowFile: "flows.json", credentialSecret: false, disableEditor: true,
    telemetry: {enabled: false, updateNotification: false}, diagnostics: {enabled: false},
    logging: {console: {level: "info"}},
};
"""


def installed() -> Path | str:
    """The folder that Node-RED is installed in, from an earlier time or from now; or why there is none."""
    folder = Path(tempfile.gettempdir()) / "digital-factory-bench-node-red"
    program = folder / "node_modules" / "node-red" / "red.js"
    if program.exists() and (folder / "node_modules" / PACKAGES[1]).exists():
        return folder
    folder.mkdir(exist_ok=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--omit=dev", "--prefix", str(folder), *PACKAGES]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_S)
    except FileNotFoundError:
        return "npm is not there"
    except subprocess.TimeoutExpired:
        return f"npm did not install it within {INSTALL_S} s"
    except subprocess.CalledProcessError as error:
        return f"npm cannot install it: {error.stderr.decode(errors='replace').strip().splitlines()[-1]}"
    return folder


def command(installation: Path, folder: Path, port: int, broker_port: int, store_port: int, database: str) -> list[str]:
    """What starts Node-RED with the flow; its files go into `folder`."""
    (folder / "settings.js").write_text(_SETTINGS % port)
    (folder / "flows.json").write_text(json.dumps(_flow(broker_port, store_port, database)))
    (folder / "package.json").write_text(json.dumps({"name": "bench", "dependencies": {PACKAGES[1]: "*"}}))
    (folder / "node_modules").symlink_to(installation / "node_modules")
    return ["node", str(installation / "node_modules" / "node-red" / "red.js"), "--userDir", str(folder)]


def _flow(broker_port: int, store_port: int, database: str) -> list[dict[str, object]]:
    place = {"z": "flow", "x": 0, "y": 0}
    return [
        {"id": "flow", "type": "tab", "label": "bench"},
        {
            "id": "broker", "type": "mqtt-broker", "broker": "127.0.0.1", "port": str(broker_port), "clientid": "",
            "autoConnect": True, "usetls": False, "protocolVersion": "4", "keepalive": "60", "cleansession": True,
        },
        {
            "id": "store", "type": "influxdb", "hostname": "127.0.0.1", "port": str(store_port), "protocol": "http",
            "database": database, "name": "", "usetls": False, "influxdbVersion": "1.x", "url": "",
            "rejectUnauthorized": False,
        },
        place | {
            "id": "in", "type": "mqtt in", "topic": "json/#", "qos": "0", "datatype": "json", "broker": "broker",
            "inputs": 0, "wires": [["gather"]],
        },
        place | {"id": "gather", "type": "function", "func": _GATHER, "outputs": 1, "wires": [["out"]]},
        place | {
            "id": "out", "type": "influxdb batch", "influxdb": "store", "precision": "ms", "retentionPolicy": "",
            "database": database, "wires": [],
        },
    ]  # fmt: skip
