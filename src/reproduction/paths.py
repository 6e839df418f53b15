"""Folders of the repository, relative to its root, from which every command runs."""

from pathlib import Path

EXPERIMENTS = Path("experiments")
"""One folder per paper; its `conf/` holds the files of config groups that it alone needs."""
RESULTS = Path("results")
"""One folder per profile, in it one per paper: `results/<profile>/<paper>/`."""
