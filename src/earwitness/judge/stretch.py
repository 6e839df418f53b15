"""Scaling of the frequency axis of spectrograms, to change a voice's pitch (Becker et al.)."""

import torch
from scipy.interpolate import interp1d
from torch import Tensor

from earwitness.errors import InputError


def stretch_frequencies(level: Tensor, frequencies: Tensor, factor: float, beyond: float) -> Tensor:
    """Move what lies at f Hz to `factor` times f, interpolating linearly between rows.

    Pitch and formants move together; time stays as it is.

    Args:
        level: `(..., rows, columns)`, in dB or any linear function of it.
        frequencies: of the rows `(rows,)`, in Hz, ascending, evenly spaced or not.
        factor: above 1 moves up, below 1 down; 1 changes nothing.
        beyond: level of rows that come from outside the axis: the floor of the spectrogram.

    Returns:
        Shaped like `level`, in the same unit.

    Raises:
        InputError: `frequencies` do not ascend or are not one a row, or `factor` is not above
            zero.
    """
    if frequencies.shape != level.shape[-2:-1] or not (frequencies.diff() > 0).all():
        raise InputError(
            f"frequencies {tuple(frequencies.shape)}, level {tuple(level.shape)}: "
            "give one frequency a row, in ascending order"
        )
    if not factor > 0:
        raise InputError(f"factor = {factor}: choose one above zero")
    hertz, values = frequencies.double().numpy(), level.double().numpy()
    level_at = interp1d(hertz, values, axis=-2, bounds_error=False, fill_value=beyond)
    return torch.from_numpy(level_at(hertz / factor)).to(level.dtype)
