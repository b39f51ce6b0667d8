"""`factory verify`: are the figures true? Simulated plants, whose truth is known, through the real parts.

::

    simulators ──▶ broker ──▶ collector ──▶ historian ──▶ figures ──┐
        └──────────────── truth ledger ──────────▶ expected ────────┴──▶ errors, against limits
"""
