"""Explainers: which parts of a recording contributed to a model's output."""
