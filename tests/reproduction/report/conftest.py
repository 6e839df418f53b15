"""A report of two small papers, one complete and one without results."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reproduction.report import html, paper
from reproduction.results import listening
from tests.reproduction.report.papers import (
    CLAIMS,
    PROVENANCE,
    RATE,
    README,
    TABLE,
    TARGETS,
    VERDICTS,
    beep,
)


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Experiments and results of the papers."""
    root = tmp_path_factory.mktemp("report")
    for name in ("tones", "silence"):
        (root / "experiments" / name).mkdir(parents=True)
        (root / "experiments" / name / "README.md").write_text(README.replace("Tones", name))
        (root / "experiments" / name / "targets.mk").write_text(TARGETS)
    results = root / "results/demo/tones"
    for folder in ("tables", "figures"):
        (results / folder).mkdir(parents=True)
    (results / "claims.csv").write_text(CLAIMS)
    (results / "verdicts.csv").write_text(VERDICTS)
    (results / "tables/heard.csv").write_text(TABLE)
    (results / "provenance.json").write_text(json.dumps(PROVENANCE))
    comparison = root / "experiments/baselines"
    comparison.mkdir()
    (comparison / "README.md").write_text(README.replace("Tones", "Controls"))
    (comparison / "compared.mk").write_text(TARGETS.replace("tones", "baselines"))
    shutil.copytree(results, results.with_name("baselines"))
    for file in ("claims.csv", "verdicts.csv"):
        (results.with_name("baselines") / file).unlink()
    gradient = np.linspace(0, 255, 2000).astype(np.uint8)[None, :, None].repeat(60, 0).repeat(3, 2)
    Image.fromarray(gradient).save(results / "figures/heard.png")
    listening.write(results / "audio", [beep("one"), beep("two")], RATE, octaves=1)
    return root


@pytest.fixture(scope="session")
def report_paths(repository: Path) -> Iterator[None]:
    """Make the report read these papers instead of the project's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "RESULTS", repository / "results")
        patch.setattr(paper, "EXPERIMENTS", repository / "experiments")
        yield


@pytest.fixture(scope="session")
def page(report_paths: None) -> Path:
    """The report, made once."""
    return html.main("demo", ["tones", "silence"])
