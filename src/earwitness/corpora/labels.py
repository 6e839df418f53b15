"""Classes of the labels that several corpora share, each in the order of a model's outputs."""

DIGITS = tuple(range(10))
"""Spoken digits."""

SEXES = ("male", "female")
"""Sexes of speakers, in the order of Becker et al. (male 0, female 1)."""

DIAGNOSES = ("normal", "abnormal")
"""Diagnoses of heart sounds; the second is the one to detect."""
