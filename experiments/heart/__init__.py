"""Dissanayake et al.: are heart sounds to be segmented first, and what is heard in them."""
