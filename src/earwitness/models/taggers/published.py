"""Published music taggers, ready to be explained."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from earwitness.errors import InputError
from earwitness.explain.model import AudioModel
from earwitness.models.taggers import CRNN, FCN, MusiCNN, SampleCNN
from earwitness.sound.frontends.tagging import MelDecibels

RATE = 16000
"""Of all taggers, in Hz."""
FRONT_END = "spec."
"""What names of the published buffers of the front end begin with; ours is built anew."""


@dataclass(frozen=True)
class Architecture:
    """A network, and how many samples at `RATE` it takes."""

    network: type[nn.Module]
    samples: int


ARCHITECTURES = {
    "fcn": Architecture(FCN, 29 * RATE),
    "crnn": Architecture(CRNN, 29 * RATE),
    "musicnn": Architecture(MusiCNN, 3 * RATE),
    "samplecnn": Architecture(SampleCNN, 3**10),
}


def tagger(architecture: str, weights: str | Path, tags: str | Path) -> AudioModel:
    """A tagger with published weights; its classes are the tags.

    Args:
        architecture: a key of `ARCHITECTURES`.
        weights: the state dict of Won et al.'s release, `best_model.pth`.
        tags: a file with one tag a line, in the order of the outputs.

    Raises:
        InputError: there is no such architecture, or a file is missing, damaged or of another
            network.
    """
    if architecture not in ARCHITECTURES:
        raise InputError(f"architecture {architecture}: choose among {', '.join(ARCHITECTURES)}")
    names = _tags(Path(tags))
    kind = ARCHITECTURES[architecture]
    network = kind.network(len(names))
    try:
        network.load_state_dict(_without_front_end(_read(Path(weights))))
    except RuntimeError as error:
        raise InputError(
            f"{weights}: not the weights of {architecture} with {len(names)} tags; "
            "choose another architecture or file"
        ) from error
    frontend = None if architecture == "samplecnn" else MelDecibels()
    # In this layout of memory, convolutions over frequency and time take half of the time.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return AudioModel(network, names, RATE, frontend, kind.samples, "sigmoid").eval()


def _tags(path: Path) -> list[str]:
    """The lines of a file."""
    if not path.is_file():
        raise InputError(f"{path}: not there; give the list of tags, one a line")
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _read(path: Path) -> dict[str, Tensor]:
    """A file of plain tensors."""
    if not path.is_file():
        raise InputError(f"{path}: not there; put the published weights under DATA_DIR")
    try:
        content: dict[str, Tensor] = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:
        raise InputError(f"{path}: damaged; fetch it again") from error
    return content


def _without_front_end(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """What belongs to the network."""
    return {name: value for name, value in weights.items() if not name.startswith(FRONT_END)}
