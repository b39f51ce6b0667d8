"""The historian: databases store and fetch, `plant.rollup` does the mathematics, `plant.historian.series` reads."""
