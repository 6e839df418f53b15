"""Explain a recording of your own: a figure, the sound that contributed, and the numbers.

`make explain AUDIO=clip.wav MODEL=... [METHOD=lrp] [TARGET=...]`. MODEL is the folder of a finished
training (`runs/demo/audiomnist/jobs/synthetic_digit/alexnet/0`) or a YAML file that describes an
`earwitness.explain.model.AudioModel`, see `conf/explain.yaml`.
"""

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import torch
from hydra.errors import InstantiationException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from torch import Tensor
from yaml import YAMLError

from earwitness.errors import InputError
from earwitness.explain.components.separated import SeparatedXSegments
from earwitness.explain.explainers import Explainer
from earwitness.explain.explanation import Explanation
from earwitness.explain.model import AudioModel, crop_or_pad
from earwitness.files import write_json
from earwitness.present import listen, plots
from earwitness.sound import audio
from reproduction import config

OPTIONS = {
    "audio": str,
    "model_path": str,
    "target": str | int | None,
    "out": str,
    "data_dir": str,
    "threads": int,
}
"""Keys that the command line may set beside the explainer, and their types."""


def main() -> None:
    """Explain the recording that the command line names and print the paths of the files."""
    cfg = config.compose(sys.argv[1:], name="explain", declared=OPTIONS)
    if not cfg.audio or not cfg.model_path:
        raise InputError("nothing to explain: say AUDIO=clip.wav and MODEL=folder-or-file.yaml")
    if cfg.threads < 1:
        raise InputError(f"threads={cfg.threads}: choose 1 or more")
    torch.set_num_threads(cfg.threads)
    model = load(Path(cfg.model_path)).eval()
    recording = audio.read(cfg.audio, model.rate)
    wave, start = crop_or_pad(recording, model.samples)
    require_explainable(wave, model, cfg.audio)
    explainer: Explainer = config.build(cfg.explainer)
    explanation = explainer(model, wave, target_class(model, wave, cfg.target))
    first, seconds = max(0, -start) / model.rate, len(recording) / model.rate
    print(f"explained {first:.2f} s to {seconds - first:.2f} s of {seconds:.2f} s")
    sound = audible_explanation(explainer, explanation, wave, model.rate)
    stem = Path(cfg.out) / Path(cfg.audio).stem
    for path in write_explanation(explanation, sound, model, wave, stem):
        print(path)


def require_explainable(wave: Tensor, model: AudioModel, name: str) -> None:
    """Raise InputError if a wave `(samples,)` is silent or the model cannot take it."""
    if not wave.any():
        raise InputError(f"{name}: silent where it is explained, in its middle; cut it first")
    try:
        model.predicted_class(wave)
    except InputError:
        raise
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"the model fails on {len(wave)} samples at {model.rate} Hz: {reason}; "
            "check its samples, rate and frontend"
        ) from error


def load(path: Path) -> AudioModel:
    """The model of a finished training's folder, or the one that a YAML file describes.

    Raises:
        InputError: it is neither, the training is not done, or the description is wrong.
    """
    if path.suffix in (".yaml", ".yml"):
        return _described(path)
    return _trained(path)


def _trained(path: Path) -> AudioModel:
    """The model of a finished training's folder, or of a file in it."""
    folder = path if path.is_dir() else path.parent
    jobs = next((above for above in folder.parents if above.name == "jobs"), None)
    if jobs is None or not (jobs.parent / "config.yaml").is_file():
        raise InputError(
            f"model {path}: neither a YAML file nor the folder of a finished training "
            "(runs/<profile>/<paper>/jobs/<study>/<model>/<fold>)"
        )
    cfg = _read(jobs.parent / "config.yaml")
    name = folder.relative_to(jobs).as_posix()
    return importlib.import_module(cfg.paper.explain_module).audio_model(cfg, name)


def _described(path: Path) -> AudioModel:
    """The model that a YAML file describes with `_target_`."""
    node = _read(path)
    if "_target_" not in node:
        raise InputError(f"{path}: names no _target_; see conf/explain.yaml for an example")
    try:
        model = config.build(node)
    except InstantiationException as error:
        reason = str(error.__cause__ or error).partition("\n")[0]
        raise InputError(
            f"{path}: the model cannot be made: {reason}; correct the _target_ or its arguments"
        ) from error
    if not isinstance(model, AudioModel):
        raise InputError(
            f"{path}: makes a {type(model).__name__}; "
            "let _target_ be earwitness.explain.model.AudioModel and yours its network"
        )
    return model


def _read(path: Path) -> DictConfig:
    """The mapping in a YAML file."""
    try:
        node = OmegaConf.load(path)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; give MODEL a folder or a YAML file") from error
    except (YAMLError, OmegaConfBaseException) as error:
        raise InputError(f"{path}: not YAML: {error}".replace("\n", " ")) from error
    if not isinstance(node, DictConfig):
        raise InputError(f"{path}: not a mapping; see conf/explain.yaml for an example")
    return node


def target_class(model: AudioModel, wave: Tensor, target: str | int | None) -> int:
    """The number of the class `target`; without one, of the predicted class of `(samples,)`."""
    return model.predicted_class(wave) if target in (None, "") else model.class_index(target)


def audible_explanation(
    explainer: Explainer, explanation: Explanation, wave: Tensor, rate: int
) -> listen.SplitSound | None:
    """The relevant part and the rest of a wave `(samples,)` at `rate` Hz.

    None for an explanation that has neither a time nor a frequency axis.
    """
    components = getattr(explainer, "components", None)
    if isinstance(components, SeparatedXSegments):
        return listen.split_by_best_components(components.sources(wave, rate), explanation.values)
    audible = {"time", "frequency"} & {axis.name for axis in explanation.axes}
    return listen.split_by_relevance(explanation, wave, rate) if audible else None


def write_explanation(
    explanation: Explanation,
    sound: listen.SplitSound | None,
    model: AudioModel,
    wave: Tensor,
    out: Path,
) -> list[Path]:
    """Write the figure, the sounds and the numbers as `<out>_<method>_<target>.*`.

    `wave` is `(samples,)` at the model's rate; returns the paths, the sounds' last.
    """
    kind = re.sub(r"[^\w-]+", "_", f"{explanation.method}_{explanation.target}").lower()
    stem = out.with_name(f"{out.name}_{kind}")
    numbers: dict[str, Any] = explanation.as_lists()
    paths = [stem.with_name(f"{stem.name}{end}") for end in (".png", ".json")]
    for part, played in sound.by_part().items() if sound else ():
        paths.append(stem.with_name(f"{stem.name}_{part}.wav"))
        audio.write(paths[-1], played, model.rate)
        numbers[f"probability_of_{part}"] = model.probability(played, explanation.target)
    plots.save_overview(paths[0], wave, model.rate, explanation)
    write_json(paths[1], numbers)
    return paths


if __name__ == "__main__":
    config.guarded(main)
