"""The fault battery: kills, fills up and damages an installation on purpose (python -m benchmarks.faults)."""
