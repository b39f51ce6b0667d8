"""Graphs: pure functions from arrays to a `plotly.graph_objects.Figure`."""
