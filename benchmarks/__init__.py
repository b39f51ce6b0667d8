"""Measurements; each module has `main()` and prints one table. ``python -m benchmarks [NAME ...]`` runs them."""
