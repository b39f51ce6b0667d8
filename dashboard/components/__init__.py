"""Blocks that pages are made of."""
