"""What really happened in a simulated world, kept apart from all that it publishes."""
