"""In the order of their `down_revision`."""
