"""The simulated world: physics of all units as steps over arrays, apart from any publishing (docs/world.md)."""
