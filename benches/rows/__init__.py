"""The rows of the table of aims, one after the other: each takes a `Bench` and gives its lines."""
