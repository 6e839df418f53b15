import json
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from earwitness import fingerprint as fingerprint_of_code
from earwitness.errors import InputError
from earwitness.files import write_json, write_text
from reproduction import config, provenance, sweep, train
from reproduction.sweep import DONE, FAILED, Job
from reproduction.train import BEGUN
from tests.checkout import ROOT

STUDIES = ("synthetic_digit", "synthetic_sex")
JOBS = [
    f"{study}/{model}/{fold}"
    for study in STUDIES
    for model in ("audionet", "alexnet", "mfcc_logistic")
    for fold in (0, 1)
]
FEWER = (
    "studies.synthetic_digit.folds=[0]",
    "studies.synthetic_sex.folds=[1]",
    "~models.alexnet",
)
FEW = [
    "synthetic_digit/audionet/0",
    "synthetic_digit/mfcc_logistic/0",
    "synthetic_sex/audionet/1",
    "synthetic_sex/mfcc_logistic/1",
]
TRAIN = '''
"""Trains nothing: leaves a file, and fails where it is told to."""

from pathlib import Path

from earwitness.errors import InputError


def train(cfg, job):
    name = f"{job.study}/{job.model}/{job.fold}"
    with Path(cfg.runs_dir, "log.txt").open("a") as log:
        log.write(name + "\\n")
    broken = Path(cfg.runs_dir, "broken.txt")
    if broken.exists() and name in broken.read_text():
        raise InputError("a.wav: is silent; record it again")
    (job.folder / "learnt.txt").write_text(name)
    return {"accuracy": 0.5}
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A training module of the project that trains nothing; its file."""
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(provenance, "PACKAGES_HASHED", ("earwitness", "reproduction", "toy_train"))
    monkeypatch.delitem(sys.modules, "toy_train", raising=False)
    path = tmp_path / "toy_train.py"
    rewrite(path, TRAIN)
    for study in STUDIES:
        describe(tmp_path, study)
    return path


@pytest.fixture
def cfg(toy: Path, tmp_path: Path) -> DictConfig:
    return composed(tmp_path)


def composed(runs: Path, *overrides: str) -> DictConfig:
    """The demo with the toy module and two folds each, its runs under `runs`."""
    return config.compose([*arguments(runs), *overrides])


def arguments(runs: Path) -> list[str]:
    folds = [f"studies.{study}.folds=[0,1]" for study in STUDIES]
    module = "paper.train_module=toy_train"
    return [f"runs_dir={runs}", module, "hydra/launcher=sequence", *folds, "~models.gammatonenet"]


def rewrite(path: Path, text: str) -> None:
    """Write a module as if this process had never seen it."""
    path.write_text(text)
    forget()


def forget() -> None:
    for name in ("_closure", "_source", "_imports", "_meaning"):
        getattr(fingerprint_of_code, name).cache_clear()


def describe(runs: Path, study: str, content: str = "0123") -> None:
    """Say what the data stage found, of one study anew."""
    path = runs / "demo/audiomnist/corpora.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    write_json(path, found | {study: {"corpus": "Synthetic", "hash": content}})


def run_sweep(monkeypatch: pytest.MonkeyPatch, runs: Path, *overrides: str) -> None:
    """What `python -m reproduction.train` does, with the toy module."""
    monkeypatch.setattr(sys, "argv", ["train", *arguments(runs), *overrides])
    try:
        train.main()
    finally:
        GlobalHydra.instance().clear()
        HydraConfig.instance().cfg = None


def run(runs: Path) -> list[str]:
    """Jobs that were run since the last look, in their order."""
    log = runs / "log.txt"
    names = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return names


def folder(runs: Path, name: str) -> Path:
    return runs / "demo/audiomnist/jobs" / name


def succeed(this: Job) -> dict[str, Any]:
    (this.folder / "learnt.txt").write_text("learnt")
    return {"accuracy": 0.5}


def never(this: Job) -> dict[str, Any]:
    raise AssertionError(f"{this.folder}: run again")


def work(cfg: DictConfig) -> list[str]:
    """Run every job that is not done, without Hydra; their names."""
    ran = []

    def note(this: Job) -> dict[str, Any]:
        ran.append(f"{this.study}/{this.model}/{this.fold}")
        return {}

    for job in sweep.jobs(cfg):
        train.run_job(job, note)
    return ran


def test_a_sweep_runs_every_job_once(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_sweep(monkeypatch, tmp_path, *FEWER)
    assert run(tmp_path) == FEW
    for name in FEW:
        record = json.loads((folder(tmp_path, name) / DONE).read_text())
        assert record["accuracy"] == 0.5
        assert record["seconds"] >= 0
        assert (folder(tmp_path, name) / "learnt.txt").read_text() == name
    run_sweep(monkeypatch, tmp_path, *FEWER)
    assert run(tmp_path) == []


def test_a_failed_job_is_named_while_others_go_on(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = FEW[1:3]
    (tmp_path / "broken.txt").write_text(" ".join(bad))
    with pytest.raises(InputError) as refusal:
        run_sweep(monkeypatch, tmp_path, *FEWER)
    message = str(refusal.value)
    assert message.startswith("2 jobs did not finish")
    assert "\n" not in message
    assert [name for name in FEW if str(folder(tmp_path, name) / FAILED) in message] == bad
    assert run(tmp_path) == FEW
    for name in FEW:
        assert (folder(tmp_path, name) / DONE).exists() == (name not in bad)
        assert (folder(tmp_path, name) / FAILED).exists() == (name in bad)
    (tmp_path / "broken.txt").unlink()
    run_sweep(monkeypatch, tmp_path, *FEWER)
    assert run(tmp_path) == bad
    assert not list(tmp_path.rglob(FAILED))


def test_only_what_has_changed_is_run_again(cfg: DictConfig, toy: Path, tmp_path: Path) -> None:
    assert work(cfg) == JOBS
    assert work(cfg) == []
    changed = composed(tmp_path, "models.mfcc_logistic.strength=2.0")
    assert work(changed) == [name for name in JOBS if "mfcc_logistic" in name]
    describe(tmp_path, "synthetic_sex", "4567")
    assert work(changed) == [name for name in JOBS if "synthetic_sex" in name]
    rewrite(toy, TRAIN.replace("0.5", "0.6"))
    assert work(changed) == JOBS


def test_one_job_can_be_run_by_hand(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_sweep(monkeypatch, tmp_path, "hydra.mode=RUN", "job=synthetic_sex/audionet/1")
    assert run(tmp_path) == ["synthetic_sex/audionet/1"]


@pytest.mark.parametrize(
    "name", ["nonsense", "nope/audionet/0", "synthetic_digit/nope/0", "synthetic_digit/audionet/x"]
)
def test_a_job_that_does_not_exist_is_named(toy: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=name):
        sweep.jobs(composed(tmp_path, f"job={name}"))


def test_nothing_is_run_before_the_data_stage(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(tmp_path / "demo")
    with pytest.raises(InputError, match=r"^[^\n]*corpora\.json: not there; run the data stage"):
        run_sweep(monkeypatch, tmp_path)
    assert run(tmp_path) == []
    assert not (tmp_path / "demo").exists()


def test_a_study_that_the_data_stage_has_not_seen_is_named(cfg: DictConfig, tmp_path: Path) -> None:
    write_json(tmp_path / "demo/audiomnist/corpora.json", {})
    with pytest.raises(InputError, match="synthetic_digit"):
        sweep.jobs(cfg)


def test_corpora_are_known_by_their_studies(cfg: DictConfig) -> None:
    assert sweep.corpus_names(cfg) == dict.fromkeys(STUDIES, "Synthetic")


def test_a_done_job_is_not_run_again(cfg: DictConfig, capsys: pytest.CaptureFixture[str]) -> None:
    this = sweep.job(cfg, JOBS[0])
    assert this.done() is None
    train.run_job(this, succeed)
    assert this.done()["accuracy"] == 0.5
    train.run_job(this, never)
    assert capsys.readouterr().out.splitlines()[-1] == f"{JOBS[0]}: done before"


@pytest.mark.parametrize("left", ["", "{", '{"fingerprint": "another", "accuracy": 1.0}'])
def test_a_record_of_another_state_is_no_record(cfg: DictConfig, left: str) -> None:
    this = sweep.job(cfg, JOBS[0])
    this.folder.mkdir(parents=True)
    (this.folder / DONE).write_text(left)
    assert this.done() is None
    train.run_job(this, succeed)
    assert this.done()["accuracy"] == 0.5


def test_the_reason_of_a_failure_is_kept(cfg: DictConfig) -> None:
    def silent(this: Job) -> dict[str, Any]:
        raise InputError("a.wav: is silent")

    def defective(this: Job) -> dict[str, Any]:
        raise ZeroDivisionError("ours")

    this = sweep.job(cfg, JOBS[0])
    train.run_job(this, silent)
    assert (this.folder / FAILED).read_text() == "a.wav: is silent\n"
    train.run_job(this, defective)
    reason = (this.folder / FAILED).read_text()
    assert reason.startswith("Traceback")
    assert "ZeroDivisionError: ours" in reason
    assert "in defective" in reason
    train.run_job(this, succeed)
    assert not (this.folder / FAILED).exists()


def test_an_interrupted_job_keeps_its_own_start_and_says_nothing(cfg: DictConfig) -> None:
    def interrupted(this: Job) -> dict[str, Any]:
        (this.folder / "unfinished.ckpt").write_text("half way")
        raise KeyboardInterrupt

    this = sweep.job(cfg, JOBS[0])
    with pytest.raises(KeyboardInterrupt):
        train.run_job(this, interrupted)
    left = sorted(path.name for path in this.folder.iterdir())
    assert left == [BEGUN, "unfinished.ckpt"]

    def resumed(this: Job) -> dict[str, Any]:
        return {"found": (this.folder / "unfinished.ckpt").read_text()}

    train.run_job(this, resumed)
    assert this.done()["found"] == "half way"


def test_leftovers_of_another_state_are_cleared(cfg: DictConfig, tmp_path: Path) -> None:
    first = sweep.job(cfg, JOBS[0])
    train.run_job(first, succeed)
    (first.folder / "unfinished.ckpt").write_text("of other settings")
    other = sweep.job(composed(tmp_path, "seed=1"), JOBS[0])
    assert other.folder == first.folder
    found: list[str] = []

    def look(this: Job) -> dict[str, Any]:
        found.extend(path.name for path in this.folder.iterdir())
        return {}

    train.run_job(other, look)
    assert found == [BEGUN]
    assert first.done() is None


def test_leftovers_without_a_beginning_are_cleared(cfg: DictConfig) -> None:
    this = sweep.job(cfg, JOBS[0])
    this.folder.mkdir(parents=True)
    (this.folder / "unfinished.ckpt").write_text("of whom?")

    def look(this: Job) -> dict[str, Any]:
        return {"found": [path.name for path in this.folder.iterdir()]}

    train.run_job(this, look)
    assert this.done()["found"] == [BEGUN]


def test_jobs_are_all_or_the_one_that_is_asked_for(cfg: DictConfig, tmp_path: Path) -> None:
    assert [f"{job.study}/{job.model}/{job.fold}" for job in sweep.jobs(cfg)] == JOBS
    assert [job.folder for job in sweep.jobs(cfg)] == [folder(tmp_path, name) for name in JOBS]
    (only,) = sweep.jobs(composed(tmp_path, f"job={JOBS[3]}"))
    assert only == sweep.jobs(cfg)[3]


def test_predictions_say_whose_they_are(cfg: DictConfig) -> None:
    """Of one job, and of all; speakers keep the names that look like numbers."""
    wanted = sweep.jobs(cfg)
    for number, this in enumerate(wanted):
        write_text(this.folder / sweep.PREDICTIONS, f"file,speaker,label\na,07,{number}\n")
    found, last = sweep.predictions(cfg), sweep.predictions_of(wanted[-1])
    assert found.label.tolist() == list(range(len(wanted)))
    told = [(row.study, row.model, row.fold) for row in found.itertuples()]
    assert told == [(this.study, this.model, this.fold) for this in wanted]
    assert last.iloc[0].to_dict() == found.iloc[-1].to_dict()
    assert last.speaker.item() == "07"


def test_no_two_jobs_have_one_fingerprint(cfg: DictConfig) -> None:
    assert len({job.fingerprint for job in sweep.jobs(cfg)}) == len(JOBS)


def fingerprint(runs: Path, *overrides: str) -> str:
    return sweep.job(composed(runs, *overrides), "synthetic_digit/audionet/0").fingerprint


@pytest.mark.parametrize(
    "override",
    [
        "data_dir=/elsewhere",
        "results_dir=/elsewhere",
        "studies.synthetic_digit.folds=[0,1,2]",
        "studies.synthetic_digit.steps.alexnet=7",
        "studies.synthetic_sex.steps.audionet=7",
        "models.alexnet.schedule.batch_size=7",
        "~models.mfcc_logistic",
        "explain.clips=7",
        "job=synthetic_digit/audionet/0",
    ],
)
def test_a_fingerprint_is_blind_to_what_does_not_matter(
    toy: Path, tmp_path: Path, override: str
) -> None:
    assert fingerprint(tmp_path, override) == fingerprint(tmp_path)


@pytest.mark.parametrize(
    "override",
    [
        "+studies.synthetic_digit.unit=segment",
        "seed=1",
        "threads=2",
        "studies.synthetic_digit.steps.audionet=7",
        "studies.synthetic_digit.label=sex",
        "studies.synthetic_digit.split.validate=0",
        "studies.synthetic_digit.split.groups.A=[1]",
        "models.audionet.network.first_pool=2",
        "models.audionet.schedule.optimizer.lr=0.1",
        "models.audionet.schedule.optimizer._target_=torch.optim.Adam",
        "models.audionet.frontend.quantile=0.9",
        "models.audionet.trainer.precision=16-mixed",
    ],
)
def test_a_fingerprint_follows_what_matters(toy: Path, tmp_path: Path, override: str) -> None:
    assert fingerprint(tmp_path, override) != fingerprint(tmp_path)


def test_a_fingerprint_follows_the_fold_and_the_data(toy: Path, tmp_path: Path) -> None:
    cfg = composed(tmp_path)
    first, other = (
        sweep.job(cfg, f"synthetic_digit/audionet/{fold}").fingerprint for fold in (0, 1)
    )
    assert first != other
    describe(tmp_path, "synthetic_digit", "4567")
    assert sweep.job(cfg, "synthetic_digit/audionet/0").fingerprint != first


Edit = Callable[[str], str]
BLIND: list[Edit] = [
    lambda text: text.replace("Trains nothing: ", "Trains little, or nothing: "),
    lambda text: text + "\n# a comment\n",
    lambda text: text.replace("def train(cfg, job):", 'def train(cfg, job):\n    """Train."""'),
]
SEEN: list[Edit] = [
    lambda text: text.replace("0.5", "0.6"),
    lambda text: text + "\nSEED = 1\n",
    lambda text: text.replace("cfg, job", "cfg, job, extra=None"),
]


@pytest.mark.parametrize(("edit", "blind"), [(e, True) for e in BLIND] + [(e, False) for e in SEEN])
def test_a_fingerprint_follows_statements_only(
    cfg: DictConfig, toy: Path, edit: Edit, blind: bool
) -> None:
    first = sweep.job(cfg, JOBS[0]).fingerprint
    assert edit(TRAIN) != TRAIN
    rewrite(toy, edit(TRAIN))
    assert (sweep.job(cfg, JOBS[0]).fingerprint == first) == blind


def test_a_fingerprint_follows_the_code_of_its_own_network_alone(
    cfg: DictConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {job.folder: job.fingerprint for job in sweep.jobs(cfg)}
    meaning = fingerprint_of_code._meaning

    @cache
    def edited(source: Path) -> str:
        return meaning(source) + (" edited" if source.name == "alexnet.py" else "")

    monkeypatch.setattr(fingerprint_of_code, "_meaning", edited)
    changed = {job.model for job in sweep.jobs(cfg) if job.fingerprint != before[job.folder]}
    assert changed == {"alexnet"}


def test_finish_is_content_when_all_is_done(cfg: DictConfig) -> None:
    for job in sweep.jobs(cfg):
        train.run_job(job, succeed)
    sweep.require_finished(cfg)
    (sweep.jobs(cfg)[2].folder / DONE).unlink()
    with pytest.raises(InputError, match=r"^1 jobs did not finish, see \S*alexnet/0/failed\.txt; "):
        sweep.require_finished(cfg)


AFTER = ("+studies.synthetic_digit.after=[synthetic_sex]", *FEWER)


def test_a_study_comes_after_what_it_builds_on(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_sweep(monkeypatch, tmp_path, *AFTER)
    assert run(tmp_path) == FEW[2:] + FEW[:2]
    run_sweep(monkeypatch, tmp_path, *AFTER)
    assert run(tmp_path) == []


def test_nothing_is_built_on_what_has_failed(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.txt").write_text(FEW[2])
    with pytest.raises(InputError, match="1 jobs did not finish"):
        run_sweep(monkeypatch, tmp_path, *AFTER)
    assert run(tmp_path) == FEW[2:]


def test_what_builds_on_a_changed_study_is_run_again(cfg: DictConfig, tmp_path: Path) -> None:
    before = composed(tmp_path, *AFTER)
    assert len(work(before)) == len(FEW)
    describe(tmp_path, "synthetic_sex", "4567")
    assert work(composed(tmp_path, *AFTER)) == FEW
    describe(tmp_path, "synthetic_digit", "4567")
    assert work(composed(tmp_path, *AFTER)) == FEW[:2]


def test_a_study_may_name_its_models_and_its_module(toy: Path, tmp_path: Path) -> None:
    overrides = (*FEWER, "+studies.synthetic_sex.models=[audionet]")
    jobs = sweep.jobs(composed(tmp_path, *overrides))
    names = [f"{this.study}/{this.model}/{this.fold}" for this in jobs]
    assert names == FEW[:3]
    module = "+studies.synthetic_sex.train_module=another"
    cfg = composed(tmp_path, *overrides, module)
    assert sweep.train_module(cfg, "synthetic_sex") == "another"
    assert sweep.train_module(cfg, "synthetic_digit") == "toy_train"


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (["+studies.synthetic_digit.after=[gone]"], "studies.synthetic_digit.after: gone is no"),
        (
            [
                "+studies.synthetic_digit.after=[synthetic_sex]",
                "+studies.synthetic_sex.after=[synthetic_digit]",
            ],
            "studies are after each other",
        ),
    ],
)
def test_an_order_that_cannot_be_is_refused(
    toy: Path, tmp_path: Path, after: list[str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        train.levels(composed(tmp_path, *after))
