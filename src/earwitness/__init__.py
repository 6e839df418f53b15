"""Explainable audio models, reproduced, judged and made listenable."""

__version__ = "0.1.0"
