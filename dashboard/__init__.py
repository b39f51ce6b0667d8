"""Live Plotly Dash screens of an enterprise; imports `plant` only."""
