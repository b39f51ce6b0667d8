"""The bdSeq of an edge node on disk: a restarted node must not tell its old death from its new birth by luck."""

from __future__ import annotations

from pathlib import Path

import structlog

from plant.sparkplug.names import SEQUENCE_MODULUS

log = structlog.get_logger(__name__)


class BdSeqFile:
    """One small file for one edge node; without a folder the number is drawn from the clock at each start.

    Args:
        folder: Where the files of all nodes are; None keeps nothing.
        group: Sparkplug group id.
        node: Edge node id.
    """

    def __init__(self, folder: Path | None, group: str, node: str) -> None:
        self._path = None if folder is None else folder / f"{group}.{node}"

    def last(self, now_ms: int) -> int | None:
        """The bdSeq of the last CONNECT, None when there never was one.

        Args:
            now_ms: Wall clock, UTC ms: its seconds stand in when nothing is kept, or what was kept is damaged.
        """
        stand_in = now_ms // 1000 % SEQUENCE_MODULUS
        if self._path is None:
            return stand_in
        if not self._path.exists():
            return None
        try:
            kept = int(self._path.read_text(encoding="ascii"))
        except ValueError:
            log.warning("a damaged bdSeq file is replaced", file=str(self._path))
            return stand_in
        return kept % SEQUENCE_MODULUS

    def keep(self, bd_seq: int) -> None:
        """Write it down before the CONNECT that uses it."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(self._path.suffix + ".new")
        fresh.write_text(str(bd_seq), encoding="ascii")
        fresh.replace(self._path)
