"""Explainers: what in a recording made a model decide as it did."""
