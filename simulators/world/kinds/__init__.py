"""Kinds of physics, one file each; `KINDS` is the only place that lists them."""

from __future__ import annotations

from simulators.world.kind import AnyKind
from simulators.world.kinds.block_dryer import BlockDryer
from simulators.world.kinds.block_moulder import BlockMoulder
from simulators.world.kinds.board_dryer import BoardDryer
from simulators.world.kinds.board_former import BoardFormer
from simulators.world.kinds.board_stacker import BoardStacker
from simulators.world.kinds.calciner import Calciner
from simulators.world.kinds.compressor import Compressor
from simulators.world.kinds.conveyor import Conveyor
from simulators.world.kinds.crusher import Crusher
from simulators.world.kinds.dosing_mixer import DosingMixer
from simulators.world.kinds.dryer_mill import DryerMill
from simulators.world.kinds.meter import Meter
from simulators.world.kinds.packer import Packer
from simulators.world.kinds.palletizer import Palletizer
from simulators.world.kinds.silo import Silo

GENERIC = "generic"
"""Physics of units whose metrics are all simulated by role (`kinds.generic`)."""
METER = "meter"
"""Physics of units that sum up others; they go last."""

KINDS: dict[str, type[AnyKind]] = {
    "conveyor": Conveyor,
    "crusher": Crusher,
    "dryer_mill": DryerMill,
    "calciner": Calciner,
    "silo": Silo,
    "dosing_mixer": DosingMixer,
    "packer": Packer,
    "board_former": BoardFormer,
    "board_dryer": BoardDryer,
    "board_stacker": BoardStacker,
    "block_moulder": BlockMoulder,
    "block_dryer": BlockDryer,
    "palletizer": Palletizer,
    "compressor": Compressor,
    METER: Meter,
}
