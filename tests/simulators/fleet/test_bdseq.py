from __future__ import annotations

from pathlib import Path

from structlog.testing import capture_logs

from simulators.fleet.bdseq import BdSeqFile

NOW = 1_795_000_007_000


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    """Each node has its own number, over restarts."""
    folder = tmp_path / "bdseq"
    assert BdSeqFile(folder, "alpha", "plant").last(NOW) is None
    BdSeqFile(folder, "alpha", "plant").keep(7)
    BdSeqFile(folder, "beta", "plant").keep(8)
    BdSeqFile(folder, "alpha", "plant").keep(9)
    assert BdSeqFile(folder, "alpha", "plant").last(NOW) == 9
    assert BdSeqFile(folder, "beta", "plant").last(NOW) == 8


def test_without_a_folder_the_clock_stands_in() -> None:
    """Two starts of a node without memory rarely use the same number."""
    file = BdSeqFile(None, "alpha", "plant")
    file.keep(7)
    assert file.last(NOW) == NOW // 1000 % 256


def test_a_damaged_file_is_replaced_loudly(tmp_path: Path) -> None:
    """A torn file costs a warning, not the start."""
    (tmp_path / "alpha.plant").write_text("\0\0")
    with capture_logs() as logs:
        assert BdSeqFile(tmp_path, "alpha", "plant").last(NOW) == NOW // 1000 % 256
    assert [entry["event"] for entry in logs] == ["a damaged bdSeq file is replaced"]
