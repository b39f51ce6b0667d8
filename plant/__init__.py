"""The shared language of the factory: model, metrics, topics, payloads, readings, figures and stores.

This package imports nothing of ours; simulators, collectors and dashboard import it and never each other.
"""
