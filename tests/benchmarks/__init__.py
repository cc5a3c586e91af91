"""Figures, each as a ratio to a floor or a peer in the same run: `make bench`, or `python -m tests.benchmarks NAME ...`."""
