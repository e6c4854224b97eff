"""The sample city: people, the five departments' systems that speak of them, and the truth about both.

Deterministic from a seed. Used by the demo, the tests and the benchmarks; the product never reads it.
"""
