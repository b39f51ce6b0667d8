"""HTTP around Dash: cache and compression, security headers, preferences, health."""
