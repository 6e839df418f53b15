"""Sounds that the project makes itself, so that the evidence for each label is known."""
