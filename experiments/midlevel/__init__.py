"""Chowdhury et al.: music emotion through mid-level features."""
