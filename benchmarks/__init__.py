"""SENTINEL beside other scanners, on files made here: ``python -m benchmarks.run``."""
