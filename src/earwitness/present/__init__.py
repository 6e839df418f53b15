"""Explanations as sound and as figures."""
