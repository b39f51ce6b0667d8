"""Simulated edge nodes: one MQTT connection per gateway, driven by the world's scans."""
