import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import hydra
import pytest
import pytorch_lightning as pl
import torch
import yaml
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ReadonlyConfigError
from torch import nn

from earwitness.errors import InputError
from earwitness.explain.explainers import Explainer
from earwitness.explain.lrp import Composite
from earwitness.explain.model import AudioModel
from earwitness.sound.frontends.spectrogram import Waveform
from experiments.audiomnist.mfcc_logistic import MfccLogistic
from experiments.heart.heart_forest import HeartForest
from experiments.midlevel.penalty_search import PenaltySearch
from reproduction import config
from reproduction.training.networks import NetworkLearner
from reproduction.training.ratings import RatingLearner
from reproduction.training.schedules import RatingSchedule, Schedule
from reproduction.training.separators import SeparatorLearner
from tests.checkout import ROOT

CONF = ROOT / "conf"
FOLDERS = [CONF, *sorted(ROOT.glob("experiments/*/conf"))]
FILES = [
    (path.relative_to(folder).with_suffix(""), path)
    for folder in FOLDERS
    for path in sorted(folder.rglob("*.yaml"))
]
"""Each file's group and name, and where it is."""
PAPERS = [path.stem for path in sorted((CONF / "paper").glob("*.yaml"))]
PROFILES = [path.stem for path in sorted((CONF / "profile").glob("*.yaml"))]
COMPOSED = list(product(PAPERS, PROFILES))

# Where a file of each group lands, and the override that puts it there.
PLACES = {
    "model": "+model@extra",
    "corpus": "+corpus@extra",
    "split": "+split@extra",
    "frontend": "+frontend@extra",
    "schedule": "+schedule@extra",
    "trainer": "+trainer@extra",
    "explainer": "+explainer@extra",
    "control": "+control@extra",
    "components": "+components@extra",
    "clips": "+clips@extra",
    "composite": "+composite@extra",
    "tagger": "+tagger@extra",
    "separator": "+separator@extra",
    "draws": "+draws@extra",
}


@pytest.fixture(autouse=True)
def _no_hydra_left() -> Iterator[None]:
    yield
    GlobalHydra.instance().clear()


def composed(paper: str, profile: str, *overrides: str) -> DictConfig:
    return config.compose([f"paper={paper}", f"profile={profile}", *overrides])


def whole(overrides: list[str]) -> DictConfig:
    """The configuration with Hydra's own part, which `compose` leaves out."""
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(CONF), version_base="1.3"):
        return hydra.compose("config", overrides=overrides, return_hydra_config=True)


def landed(file: Path) -> Any:
    """What is composed where `file` lands when it is chosen."""
    group, name = file.parent.as_posix(), file.name
    if group == "hydra/launcher":
        return whole([f"hydra/launcher={name}"]).hydra.launcher
    if group == "profile":
        return config.compose([f"profile={name}"])
    if group == "paper":
        return composed(name, "paper")  # the profile that says least of its own
    if group.startswith("paper/"):
        return composed(file.parent.name, name)
    if group == "callbacks":
        return config.compose([f"callbacks={name}"])
    if file == Path("explain"):
        return config.compose(["audio=a.wav", "model_path=m.yaml"], name, {})
    if group == ".":
        return config.compose([])
    assert group in PLACES, f"conf/{group}: say in PLACES where this group is used"
    return config.compose([f"{PLACES[group]}={name}"]).extra


def holds(found: Any, written: Any) -> bool:
    """Whether all that is `written` in a file is `found`, interpolated values aside."""
    if isinstance(written, dict):
        return all(key in found and holds(found[key], value) for key, value in written.items())
    return (isinstance(written, str) and ("${" in written or written == "???")) or found == written


def test_no_file_hides_another() -> None:
    assert len({file for file, _ in FILES}) == len(FILES)


@pytest.mark.parametrize(("file", "path"), FILES, ids=lambda each: each.stem)
def test_every_file_can_be_chosen(file: Path, path: Path) -> None:
    written = yaml.safe_load(path.read_text())
    defaults = written.pop("defaults", [])
    if file == Path("config"):
        written.pop("hydra")
    if written:
        assert holds(landed(file), written)
    else:
        base = file.with_name(defaults[0])
        assert landed(file) != landed(base), "choosing it changes nothing"


@pytest.mark.parametrize(("paper", "profile"), COMPOSED)
def test_every_paper_has_every_profile(paper: str, profile: str) -> None:
    cfg = composed(paper, profile)
    assert (cfg.paper.name, cfg.profile.name) == (paper, profile)
    assert not OmegaConf.missing_keys(cfg)
    for study in cfg.studies.values():
        assert study.folds == sorted(set(study.folds))
        assert max(study.folds) < len(study.split.get("groups", study.folds))
        assert set(study.steps) <= set(cfg.models)
        # A study without steps applies what others have trained.
        assert not study.steps or networks(cfg, study) <= set(study.steps)


def networks(cfg: DictConfig, study: DictConfig) -> set[str]:
    """Models of a study that are trained step by step."""
    learners = {name: model.get("learner", model) for name, model in cfg.models.items()}
    return {name for name in study.get("models", learners) if "network" in learners[name]}


def nodes(cfg: Any) -> Iterator[DictConfig]:
    """Outermost nodes that name a target."""
    for value in cfg.values() if isinstance(cfg, DictConfig) else ():
        if isinstance(value, DictConfig) and "_target_" in value:
            yield value
        else:
            yield from nodes(value)


READERS = (
    "earwitness.corpora.",
    "earwitness.models.taggers.published.tagger",
    "earwitness.models.separation.published.open_unmix_hq",
)
"""What reads recordings or weights when it is built."""


def reads_data(node: DictConfig) -> bool:
    return node["_target_"].startswith(READERS) and not node.get("_partial_")


@pytest.mark.parametrize(("paper", "profile"), COMPOSED)
def test_every_target_fits_its_node(
    paper: str, profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cfg = composed(paper, profile, f"data_dir={tmp_path}", f"runs_dir={tmp_path}")
    found = list(nodes(cfg))
    assert len(found) >= len(cfg.models) + 2 * len(cfg.studies)
    for node in found:
        if reads_data(node):
            config._check_targets(node)
            target = hydra.utils.get_object(node["_target_"])
            inspect.signature(target).bind(**{k: v for k, v in node.items() if k[0] != "_"})
            places = [node[key] for key in ("root", "weights", "tags", "folder") if key in node]
            assert places
            assert all(Path(place).is_relative_to(tmp_path) for place in places)
        else:
            assert config.build(node) is not None


def stems(group: str) -> list[str]:
    return sorted(file.name for file, _ in FILES if file.parent == Path(group))


@pytest.mark.parametrize("name", stems("model"))
def test_every_model_learns_with_its_solver_and_trainer(name: str, tmp_path: Path) -> None:
    learner = config.build(config.compose([f"+model@extra={name}"]).extra)
    if isinstance(learner, MfccLogistic | HeartForest | SeparatorLearner):
        return
    if isinstance(learner, PenaltySearch):
        learner = learner.learner
    assert isinstance(learner, NetworkLearner | RatingLearner)
    assert isinstance(learner.schedule, Schedule | RatingSchedule)
    layer = nn.Linear(2, 2)
    optimizer = learner.schedule.optimizer(layer.parameters())
    scheduler = learner.schedule.scheduler(optimizer, 20)
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    scheduler.step()
    trainer = learner.trainer(max_steps=1, logger=False, default_root_dir=tmp_path)
    assert isinstance(trainer, pl.Trainer)
    assert trainer.max_steps == 1
    of_hearts = type(learner.frontend).__module__ == "earwitness.sound.frontends.heart"
    first = learner.frontend(torch.zeros((1, 2, 5000) if of_hearts else (1, 8000)))
    assert len(first) == 1
    assert first.isfinite().all()


def test_released_models_have_the_released_solvers() -> None:
    alexnet, audionet = (
        config.compose([f"+schedule@extra={name}_released"]).extra
        for name in ("alexnet", "audionet")
    )
    assert (alexnet.optimizer.lr, audionet.optimizer.lr) == (1e-3, 1e-4)
    assert (alexnet.clip_norm, audionet.clip_norm) == (5.0, None)
    assert (alexnet.scheduler.every, audionet.scheduler.every) == (2500, 50000)
    for schedule in (alexnet, audionet):
        assert schedule.optimizer["_target_"] == "torch.optim.SGD"
        assert (schedule.batch_size, schedule.optimizer.momentum) == (100, 0.9)
        assert (schedule.scheduler.factor, schedule.perturbation) == (0.5, 0.0)
    steps = [study.steps for study in composed("audiomnist", "paper").studies.values()]
    assert [(each.audionet, each.alexnet) for each in steps] == 2 * [(50000, 10000)]


@pytest.mark.parametrize("name", stems("composite"))
def test_every_composite_is_one(name: str) -> None:
    assert isinstance(config.build(config.compose([f"+composite@extra={name}"]).extra), Composite)


EXPLAINERS = [f"explainer@extra={name}" for name in stems("explainer")]
CONTROLS = [f"control@extra={name}" for name in stems("control")]


@pytest.mark.parametrize("chosen", EXPLAINERS + CONTROLS)
def test_every_explainer_explains(chosen: str) -> None:
    explainer: Explainer = config.build(config.compose([f"+{chosen}"]).extra)
    network = nn.Sequential(nn.Conv1d(1, 2, 5), nn.ReLU(), nn.Flatten(), nn.Linear(792, 2))
    model = AudioModel(network, ["a", "b"], 8000, Waveform()).eval()
    explanation = explainer(model, torch.randn(400), 1)
    assert explanation.target == "b"
    assert torch.isfinite(explanation.values).all()


def one_line(refusal: pytest.ExceptionInfo[InputError]) -> str:
    """The message, after making sure that it is one line without Python in it."""
    message = str(refusal.value)
    assert "\n" not in message
    assert "Traceback" not in message
    return message


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("nope=1", "nope"),
        ("models.audionet.nope=1", "models.audionet.nope"),
        ("profile=nope", "profile/nope"),
        ("paper=nope", "paper/nope"),
        ("hydra/launcher=nope", "hydra/launcher/nope"),
        ("+model@extra=nope", "model/nope"),
        ("seed=abc", "seed='abc' must be of type int"),
        ("seed=1.5", "seed=1.5 must be of type int"),
        ("seed=true", "seed=True must be of type int"),
        ("threads=[1]", "threads"),
        ("processes=all", "processes='all' must be of type int"),
        ("data_dir=3", "data_dir=3 must be of type str"),
        ("seed=${nope}", "nope"),
        ("seed=[1,2", "[1,2"),
    ],
)
def test_a_mistake_at_the_top_is_one_line_that_names_it(override: str, named: str) -> None:
    with pytest.raises(InputError) as refusal:
        config.compose([override])
    assert named in one_line(refusal)


def test_unknown_options_come_with_the_known_ones() -> None:
    with pytest.raises(InputError) as refusal:
        config.compose(["profile=nope"])
    assert all(profile in one_line(refusal) for profile in PROFILES)


OPTIMIZER = "models.audionet.schedule.optimizer"


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("models.audionet.network.first_pool=abc", "first_pool='abc' must be of type int"),
        ("models.audionet.network.first_pool=2.5", "first_pool=2.5 must be of type int"),
        ("models.audionet.network.dense_relu=1", "dense_relu=1 must be of type bool"),
        ("models.audionet.schedule.batch_size=abc", "schedule.batch_size='abc'"),
        ("models.audionet.schedule.scheduler.warm_up=abc", "scheduler.warm_up='abc'"),
        ("models.audionet.frontend.quantile=abc", "models.audionet.frontend.quantile='abc'"),
        ("models.mfcc_logistic.strength=abc", "models.mfcc_logistic.strength='abc'"),
        ("+models.audionet.network.nope=1", "models.audionet.network.nope"),
        (f"+{OPTIMIZER}.nope=1", f"{OPTIMIZER}.nope"),
        ("+models.audionet.trainer.nope=1", "models.audionet.trainer.nope"),
        (f"{OPTIMIZER}._target_=torch.optim.Nope", "torch.optim.Nope"),
        (f"{OPTIMIZER}._target_=nope.Nope", "nope.Nope"),
    ],
)
def test_a_mistake_inside_an_object_is_one_line_that_names_it(override: str, named: str) -> None:
    model = override.lstrip("+").split(".")[1]
    cfg = config.compose([override])
    with pytest.raises(InputError) as refusal:
        config.build(cfg.models[model])
    assert named in one_line(refusal)


def test_a_new_paper_brings_files_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "fifth" / "conf" / "model" / "mine.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("width: 3")
    monkeypatch.setattr(config, "EXPERIMENTS", tmp_path)
    cfg = config.compose(["audio=a.wav", "model_path=m.yaml", "+model@extra=mine"], "explain", {})
    assert cfg.extra.width == 3


def test_generic_files_name_no_paper() -> None:
    generic = [path for _, path in FILES if path.is_relative_to(CONF)]
    own = [path for path in generic if path.relative_to(CONF).parts[0] == "paper"]
    assert own
    for path in set(generic) - set(own):
        assert "experiments." not in path.read_text()


def test_a_whole_number_serves_as_a_float() -> None:
    peer = config.build(config.compose(["models.mfcc_logistic.strength=2"]).models.mfcc_logistic)
    assert peer.strength == 2


def test_a_wrong_type_of_an_optional_setting_is_named() -> None:
    cfg = config.compose(["models.audionet.schedule.clip_norm=abc"])
    with pytest.raises(InputError, match="clip_norm='abc'"):
        config.build(cfg.models.audionet)


def test_a_missing_key_is_named() -> None:
    cfg = config.compose(["~models.audionet.schedule.batch_size"])
    with pytest.raises(
        InputError, match=r"^[^\n]*models\.audionet\.schedule[^\n]*batch_size[^\n]*$"
    ):
        config.build(cfg.models.audionet)


@pytest.mark.parametrize("override", ["seed=null", "data_dir=null"])
def test_a_setting_of_nothing_is_named(override: str) -> None:
    with pytest.raises(InputError) as refusal:
        config.compose([override])
    assert override.replace("null", "None must be of type") in one_line(refusal)


@pytest.mark.parametrize("corpus", ["fsdd", "arabic_digits", "ravdess", "audiomnist"])
def test_a_missing_corpus_is_named_with_its_folder(corpus: str, tmp_path: Path) -> None:
    cfg = config.compose([f"+corpus@extra={corpus}", f"data_dir={tmp_path}"])
    with pytest.raises(InputError) as refusal:
        config.build(cfg.extra)
    assert one_line(refusal).startswith(f"{cfg.extra.root}")


def test_a_composed_configuration_cannot_be_changed() -> None:
    with pytest.raises(ReadonlyConfigError):
        config.compose([]).seed = 1


def test_overrides_and_interpolations_arrive() -> None:
    cfg = config.compose(["profile=open", "data_dir=/elsewhere", "seed=7", "models.alexnet=null"])
    assert (cfg.seed, cfg.models.alexnet) == (7, None)
    roots = {study.corpus.root for study in cfg.studies.values()}
    assert roots == {
        f"/elsewhere/{name}" for name in ("fsdd", "arabic_speech_commands_digits", "ravdess_speech")
    }


def test_composing_again_starts_afresh() -> None:
    first = config.compose([])
    config.compose(["seed=1", "profile=open"])
    assert config.compose([]) == first


def test_another_folder_than_the_root_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="run from the root of the repository") as refusal:
        config.compose([])
    assert str(tmp_path) in one_line(refusal)


def test_a_job_is_every_study_with_every_model_and_its_own_folds() -> None:
    studies = OmegaConf.create({"a": {"folds": [0, 2]}, "b": {"folds": [1]}})
    assert config.job_names(studies, {"m": 0, "n": 0}) == "a/m/0,a/m/2,a/n/0,a/n/2,b/m/1,b/n/1"


@pytest.mark.parametrize("profile", PROFILES)
def test_the_sweep_runs_over_every_job(profile: str) -> None:
    cfg = whole([f"profile={profile}"])
    swept = cfg.hydra.sweeper.params.job.split(",")
    assert (
        len(swept)
        == len(set(swept))
        == len(cfg.models) * sum(len(study.folds) for study in cfg.studies.values())
    )


def test_folders_of_a_paper_follow_profile_and_paper() -> None:
    cfg = config.compose(["profile=open", "runs_dir=/r", "results_dir=/s"])
    assert config.paper_folder(cfg, "runs") == Path("/r/open/audiomnist")
    assert config.paper_folder(cfg, "results") == Path("/s/open/audiomnist")


def command(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("override", ["nope=1", "profile=nope", "seed=abc"])
def test_the_command_ends_with_one_line(override: str, tmp_path: Path) -> None:
    ended = command("-m", "reproduction.stages", f"runs_dir={tmp_path}", override)
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: configuration: ")
    assert len(ended.stderr.splitlines()) == 1
    assert "Traceback" not in ended.stdout + ended.stderr
    assert not list(tmp_path.iterdir())


def test_the_command_prints_what_it_composes() -> None:
    ended = command("-m", "reproduction.config", "profile=open")
    assert OmegaConf.create(ended.stdout) == config.compose(["profile=open"])


def test_composing_imports_no_torch() -> None:
    heavy = "{'torch', 'pytorch_lightning', 'pandas', 'scipy'}"
    program = (
        "import json, sys; from reproduction import config; config.compose(['profile=paper']); "
        f"print(json.dumps(sorted({heavy} & set(sys.modules))))"
    )
    ended = command("-c", program)
    assert (ended.returncode, json.loads(ended.stdout)) == (0, [])


def test_a_stage_says_an_input_error_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stage(cfg: DictConfig) -> None:
        raise InputError(f"seed {cfg.seed} is refused")

    monkeypatch.setattr(sys, "argv", ["stage", "seed=5"])
    with pytest.raises(SystemExit) as ended:
        config.run_stage(stage)
    assert ended.value.code == 2
    assert capsys.readouterr().err == "error: seed 5 is refused\n"


def test_an_interrupted_stage_ends_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stage(cfg: DictConfig) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(SystemExit) as ended:
        config.run_stage(stage)
    assert ended.value.code == 130
    assert capsys.readouterr().err == "interrupted; the same command goes on from here\n"


def test_a_stage_keeps_the_traceback_of_our_own_defects(monkeypatch: pytest.MonkeyPatch) -> None:
    def stage(cfg: DictConfig) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(KeyError):
        config.run_stage(stage)
