"""`factory up` refuses what cannot work: one clear line, exit code 1, nothing started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from factory import instance


def up(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "factory", "up", *options]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=os.environ | environment
    )


def refused(result: subprocess.CompletedProcess[str]) -> str:
    """The one line that it says."""
    assert result.returncode == 1
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("factory: ")
    return lines[0]


def test_a_taken_port(data_folder: Path) -> None:
    """Another server on the port is named, with the option to choose another."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(up("--port", str(port), "--data", str(data_folder)))
    assert f"port {port}" in said
    assert "--port" in said


def test_a_second_instance(data_folder: Path, free_port: Callable[[], int]) -> None:
    """The data folder is held by one instance; the second is told by whom."""
    with instance.only_instance(data_folder, 8050):
        said = refused(up("--port", str(free_port()), "--data", str(data_folder)))
    assert f"process {os.getpid()}" in said


def test_a_broken_model(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """A mistake in the model is told with its file and line before anything starts."""
    model = tmp_path / "broken.yaml"
    model.write_text("enterprise:\n  slug: Broken Slug\n")
    said = refused(up("--model", str(model), "--data", str(tmp_path / "data"), "--port", str(free_port())))
    assert f"{model}:" in said
    assert not (tmp_path / "data").exists()


def test_a_broken_mapping(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """A mistake in a mapping of devices likewise."""
    mapping = tmp_path / "meters.yaml"
    mapping.write_text("mapping: meters\n")
    options = ("--data", str(tmp_path / "data"), "--port", str(free_port()))
    assert f"{mapping}:1: 'the file' lacks 'rules'" in refused(up(*options, FACTORY_MAPPINGS=str(mapping)))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("options", "mend"),
    [
        (("--broker", "http://broker"), "mqtt://"),
        (("--historian", "postgres://x"), "influxdb://"),
        (("--host", "0.0.0.0"), "--insecure-no-login"),
        (("--history", "yesterday"), "8h"),
        (("--speed", "0"), "speed"),
        (("--model", "no-such-model"), "gypsum"),
    ],
)
def test_a_wrong_option(options: tuple[str, str], mend: str, data_folder: Path, free_port: Callable[[], int]) -> None:
    """Each wrong value is one sentence with what would be right."""
    assert mend in refused(up(*options, "--data", str(data_folder), "--port", str(free_port())))


def test_a_folder_that_cannot_be_written(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """A data folder that is a file is refused with the option to choose another."""
    (tmp_path / "data").write_text("")
    assert "--data" in refused(up("--data", str(tmp_path / "data"), "--port", str(free_port())))
