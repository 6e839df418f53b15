"""Folders of the repository that the report reads; every command runs from its root."""

from pathlib import Path

EXPERIMENTS = Path("experiments")
"""One folder per paper: `experiments/<paper>/`."""
RESULTS = Path("results")
"""One folder per profile, in it one per paper: `results/<profile>/<paper>/`."""
