"""Becker et al.: spoken digits and the speaker's sex, explained by relevance propagation."""
