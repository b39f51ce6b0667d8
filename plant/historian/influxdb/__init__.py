"""The historian in InfluxDB, in what every generation of it speaks: line protocol to /write, InfluxQL to /query."""
