"""What must hold before anything starts."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from factory import instance
from plant.errors import ConfigurationError


def test_a_second_instance_is_refused_and_told_who_holds_the_data(data_folder: Path) -> None:
    """One instance per data folder; the sentence names the process, the port and the way out."""
    with (
        instance.only_instance(data_folder, 8050),
        pytest.raises(ConfigurationError, match=r"process \d+, port 8050.*--data and --port"),
        instance.only_instance(data_folder, 8051),
    ):
        pass


def test_the_lock_goes_with_its_holder(data_folder: Path) -> None:
    """After an instance has ended, the next one may use the folder."""
    with instance.only_instance(data_folder, 8050):
        pass
    with instance.only_instance(data_folder, 8051):
        assert (data_folder / "lock").read_text().endswith("8051}")


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """A folder that cannot be made is one sentence, not a traceback."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ConfigurationError, match="choose another with --data"),
        instance.only_instance(tmp_path / "file" / "data", 8050),
    ):
        pass


def test_a_taken_port_is_refused() -> None:
    """The sentence names the port and the option."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} .* --port"):
            instance.demand_port("127.0.0.1", port)
        assert instance.port_for_broker(port) != port


def test_a_full_disk_is_refused(data_folder: Path) -> None:
    """Without space nothing starts; the sentence says how much is needed."""
    with pytest.raises(ConfigurationError, match=r"MB are free .* MB are needed"):
        instance.demand_disk(data_folder, least_bytes=1 << 60)
    instance.demand_disk(data_folder, least_bytes=1)
