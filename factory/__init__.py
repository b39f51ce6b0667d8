"""The composition root: the `factory` command and its supervisor, the only room that imports all others."""
