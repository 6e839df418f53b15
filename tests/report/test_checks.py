"""Rows of checks, kept and read."""

from pathlib import Path

import pandas as pd
from omegaconf import OmegaConf

from earwitness.report import checks


def test_names_stay_names(tmp_path: Path) -> None:
    """Even those that look like numbers, and of a check that found nothing."""
    names = {"profile": {"name": "tiny"}, "paper": {"name": "x"}}
    cfg = OmegaConf.create({"runs_dir": str(tmp_path), **names})
    rows = pd.DataFrame({"clip": ["007"], "speaker": ["08"], "value": [0.5]})
    checks.write(cfg, "any", rows)
    assert checks.path(cfg, "any").parts[-3:] == ("tiny", "x", "any.csv")
    pd.testing.assert_frame_equal(checks.read(cfg, "any"), rows)
    checks.write(cfg, "none", rows[:0])
    assert checks.read(cfg, "none").empty
