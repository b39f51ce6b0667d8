"""The first history: the world steps through the past and its readings go straight into the historian.

No broker could carry a week in minutes. `past` steps the world and tells what happens, a slice at a time; `apart` does
that in a process of its own, so that stepping and writing have a core each; `fill` writes the slices, makes the tiers
and saves the world at their ends, which the live simulators go on from without a step at the seam.
"""
