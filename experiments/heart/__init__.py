"""Dissanayake et al.: do heart sounds need segmentation before classification, and what decides."""
