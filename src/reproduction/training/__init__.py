"""Trainings with PyTorch Lightning: classes, tags, ratings, separators and segmenters."""
