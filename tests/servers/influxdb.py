"""A real InfluxDB 1.x on loopback in a temporary folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from servers.processes import Server, free_port


def influxdb(folder: Path, **http: str) -> Server:
    """An InfluxDB that is not started yet; it reports to nobody.

    Args:
        folder: For its files.
        http: Settings of its section ``[http]``, with ``_`` for ``-``, such as ``auth_enabled="true"``.
    """
    port, rpc = free_port(), free_port()
    config = folder / "influxdb.conf"
    config.write_text(subprocess.run(["influxd", "config"], check=True, capture_output=True, text=True).stdout)
    environment = os.environ | {
        "INFLUXDB_REPORTING_DISABLED": "true",
        "INFLUXDB_BIND_ADDRESS": f"127.0.0.1:{rpc}",
        "INFLUXDB_HTTP_BIND_ADDRESS": f"127.0.0.1:{port}",
        "INFLUXDB_HTTP_LOG_ENABLED": "false",
        "INFLUXDB_META_DIR": str(folder / "meta"),
        "INFLUXDB_DATA_DIR": str(folder / "data"),
        "INFLUXDB_DATA_WAL_DIR": str(folder / "wal"),
        "INFLUXDB_MONITOR_STORE_ENABLED": "false",
        **{f"INFLUXDB_HTTP_{name.upper()}": value for name, value in http.items()},
    }
    return Server(["influxd", "run", "-config", str(config)], port, folder, environment)
