"""The live path: unified namespace -> store -> hub -> one websocket per tab -> DOM."""
