"""Files that a training leaves: checkpoints while it runs, one plain state dict at its end."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from earwitness.errors import InputError
from earwitness.files import atomic

UNFINISHED = "unfinished.ckpt"
"""Checkpoint that an interrupted training resumes from."""
BEST = "best.ckpt"
"""Weights of the best epoch, while a training with early stopping runs."""
WEIGHTS = "weights.pt"
"""State dict of the trained network."""


def save_weights(network: nn.Module, folder: Path) -> None:
    """Write the state dict of `network` to `folder` and remove the checkpoints of its training."""
    with atomic(folder / WEIGHTS) as temporary:
        torch.save(network.state_dict(), temporary)
    for checkpoint in (UNFINISHED, BEST):
        (folder / checkpoint).unlink(missing_ok=True)


def load_weights(network: nn.Module, folder: Path) -> None:
    """Read into `network` the state dict that `save_weights` left in `folder`.

    Raises:
        InputError: the file is missing, damaged or of another network.
    """
    weights = load_plain(folder / WEIGHTS)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise InputError(
            f"{folder / WEIGHTS}: weights of another network; delete it and train this job again"
        ) from error


def resumable(checkpoint: Path) -> Path | None:
    """The checkpoint of an interrupted training, None if there is none.

    Raises:
        InputError: it cannot be read.
    """
    if not checkpoint.exists():
        return None
    load_plain(checkpoint)
    return checkpoint


def load_plain(path: Path) -> dict[str, Any]:
    """Read a file of plain tensors and values; nothing in it is executed.

    Raises:
        InputError: it is missing or damaged.
    """
    if not path.is_file():
        raise InputError(f"{path}: not there; run the training stage of this paper first")
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:
        raise InputError(f"{path}: damaged; delete it and this job is trained again") from error
