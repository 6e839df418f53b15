"""Components of the input of a heart network: MFCCs of a state, rows, the segmentation."""

from collections.abc import Iterator

import torch
from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.model import AudioModel
from earwitness.sound.heart_cycle import STATES
from experiments.heart.segmented_frontend import Segmented

SEGMENTATION = "segmentation"
CHANNELS = tuple(f"{state} row" for state in STATES)
"""Names of the rows that tell a network the states."""


def states_and_channels(model: AudioModel, wave: Tensor, shape: torch.Size) -> dict[str, Tensor]:
    """All MFCCs during each state, and each row of the segmentation by itself: 8 players.

    A network without segmentation has the first four. Frames of an unknown state are in none.

    Returns:
        By the player's name, which cells of an input of `shape` `(rows, frames)` are its, bool.

    Raises:
        InputError: the model has no states, or no MFCCs, in its input.
    """
    rows, frontend = coefficients(model), _frontend(model)
    states = frontend.states(wave, shape[1], model.rate)
    local = torch.arange(shape[0])[:, None] < rows
    during = {state: local & (states == k) for k, state in enumerate(STATES, start=1)}
    return during | dict(zip(CHANNELS, _rows(shape, rows), strict=False))


def rows_and_segmentation(model: AudioModel, wave: Tensor, shape: torch.Size) -> dict[str, Tensor]:
    """Each MFCC over all time, and all rows of the segmentation as one component.

    Returns masks `(rows, frames)`, bool, and raises as `states_and_channels` does.
    """
    rows = coefficients(model)
    cepstra = {f"MFCC {k}": cells for k, cells in zip(range(rows), _rows(shape, 0), strict=False)}
    state_rows = (torch.arange(shape[0])[:, None] >= rows).expand(shape)
    return cepstra | ({SEGMENTATION: state_rows} if state_rows.any() else {})


def coefficients(model: AudioModel) -> int:
    """How many rows of a network's input are MFCCs.

    Raises:
        InputError: its input has no MFCCs.
    """
    count = getattr(_frontend(model).frontend, "coefficients", None)
    if not isinstance(count, int):
        raise InputError("the network has no MFCCs as inputs: explain one whose front end has them")
    return count


def _frontend(model: AudioModel) -> Segmented:
    """The model's front end; InputError if it does not segment."""
    if not isinstance(model.frontend, Segmented):
        raise InputError("this model knows no states: give it a front end that segments")
    return model.frontend


def _rows(shape: torch.Size, first: int) -> Iterator[Tensor]:
    """Each row of an input of `shape` from the `first` on."""
    numbers = torch.arange(shape[0])[:, None]
    return ((numbers == row).expand(shape) for row in range(first, shape[0]))
