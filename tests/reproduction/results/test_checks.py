"""Rows of checks, written and read again."""

from pathlib import Path

import pandas as pd
import pytest
from omegaconf import DictConfig, OmegaConf

from earwitness.errors import InputError
from reproduction.results import checks


@pytest.fixture
def cfg(tmp_path: Path) -> DictConfig:
    names = {"profile": {"name": "tiny"}, "paper": {"name": "x"}}
    return OmegaConf.create({"runs_dir": str(tmp_path), **names})


def test_names_stay_names(cfg: DictConfig) -> None:
    """Even if they look like numbers; a check without rows is read again too."""
    rows = pd.DataFrame({"clip": ["007"], "speaker": ["08"], "value": [0.5]})
    checks.write(cfg, "any", rows)
    assert checks.path(cfg, "any").parts[-3:] == ("tiny", "x", "any.csv")
    pd.testing.assert_frame_equal(checks.read(cfg, "any"), rows)
    checks.write(cfg, "none", rows[:0])
    assert checks.read(cfg, "none").empty


def test_a_check_that_has_not_been_run_is_named(cfg: DictConfig) -> None:
    with pytest.raises(InputError, match=r"sanity\.csv: missing"):
        checks.read(cfg, "sanity")
