"""Open-Unmix with the weights that its authors published: UMX-HQ, trained on MUSDB18-HQ."""

from pathlib import Path

import torch
from openunmix import model as unmix
from openunmix.utils import bandwidth_to_max_bin

from earwitness.errors import InputError
from earwitness.models.separation.open_unmix import OpenUnmix

ADDRESS = "https://zenodo.org/records/3370489/files"
"""Where the weights are published (doi:10.5281/zenodo.3370489)."""
FILES = {
    "vocals": "vocals-b62c91ce.pth",
    "drums": "drums-9619578f.pth",
    "bass": "bass-8d85a5bd.pth",
    "other": "other-b52fbbf7.pth",
}
"""Source -> its file, whose name ends in the first digits of its SHA-256."""
RATE = 44100
"""Sampling rate of the music that the networks were trained on, in Hz."""
N_FFT = 4096
"""Length of a frame of the spectrogram, in samples."""


def open_unmix_hq(folder: str | Path) -> OpenUnmix:
    """Load UMX-HQ, a separator into four sources, from the weights in `folder`.

    Raises:
        InputError: a file is missing, damaged or of another network.
    """
    paths = {name: Path(folder) / file for name, file in FILES.items()}
    missing = [path.name for path in paths.values() if not path.is_file()]
    if missing:
        raise InputError(f"{folder}: put {', '.join(missing)} of {ADDRESS} there")
    networks = {name: _network(path) for name, path in paths.items()}
    return OpenUnmix(networks, rate=RATE, n_fft=N_FFT, hop=1024, channels=2)


def download(folder: str | Path) -> None:
    """Download the files that `open_unmix_hq` needs and `folder` lacks; verify their checksums.

    Raises:
        InputError: a file could not be downloaded, or differs from the published one.
    """
    for file in FILES.values():
        try:
            torch.hub.load_state_dict_from_url(
                f"{ADDRESS}/{file}", str(folder), "cpu", check_hash=True, weights_only=True
            )
        except (OSError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            raise InputError(
                f"{ADDRESS}/{file}: not downloaded ({reason}); try again, or put it in {folder}"
            ) from error


def _network(path: Path) -> unmix.OpenUnmix:
    """Load a published network: stereo, for frequencies up to 16 kHz."""
    band = int(bandwidth_to_max_bin(rate=RATE, n_fft=N_FFT, bandwidth=16000))
    with torch.random.fork_rng():
        network = unmix.OpenUnmix(
            nb_bins=N_FFT // 2 + 1, nb_channels=2, hidden_size=512, max_bin=band
        )
    try:
        # The file also holds windows of the transform, which are computed anew here.
        weights = torch.load(path, weights_only=True, map_location="cpu")
        own = {name: weights[name] for name in network.state_dict() if name in weights}
        network.load_state_dict(own)
    except Exception as error:
        raise InputError(
            f"{path}: damaged or of another network; delete it and fetch it from {ADDRESS}"
        ) from error
    return network
