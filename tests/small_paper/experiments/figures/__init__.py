"""Drawn with letters."""
