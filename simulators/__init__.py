"""Simulated plants: a world of physics, and edge nodes that speak for it over Sparkplug B."""
