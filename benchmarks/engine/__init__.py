"""Throughput of the engine: pictures to measure with, measurements, and reports of them."""
