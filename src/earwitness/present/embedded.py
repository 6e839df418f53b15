"""Pictures and sounds as text inside an HTML page, so that it needs no other file."""

from base64 import b64encode
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

MAX_WIDTH = 1600
"""The largest width of an embedded figure, in pixels; the file it comes from keeps its own."""
MAX_COLOURS = 256
"""The most colours of an embedded figure, chosen to cover rare ones too."""
ENVELOPE_WIDTH = 240
"""Width of a drawn envelope, in SVG units: one stroke each."""
ENVELOPE_HEIGHT = 100
"""Height of a drawn envelope, in SVG units."""


def figure_uri(path: Path) -> tuple[str, int, int]:
    """A figure as the data URI of a PNG of at most `MAX_WIDTH`; its width and height in pixels."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    if image.width > MAX_WIDTH:
        height = round(image.height * MAX_WIDTH / image.width)
        image = image.resize((MAX_WIDTH, height), Image.Resampling.LANCZOS)
    reduced = image.quantize(MAX_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    buffer = BytesIO()
    reduced.save(buffer, "PNG", optimize=True)
    return _data_uri("image/png", buffer.getvalue()), image.width, image.height


def png_uri(path: Path) -> str:
    """A PNG file, unchanged, as a data URI."""
    return _data_uri("image/png", path.read_bytes())


def flac_base64(path: Path) -> str:
    """A 16-bit recording as FLAC, which every browser plays, in base64; samples do not change."""
    samples, rate = soundfile.read(path, dtype="int16")
    buffer = BytesIO()
    soundfile.write(buffer, samples, rate, format="FLAC", subtype="PCM_16")
    return b64encode(buffer.getvalue()).decode()


def envelope_path(path: Path, peak: float) -> str:
    """The envelope of a recording as an SVG path.

    Args:
        path: of the recording.
        peak: the magnitude, full scale being 1, that fills `ENVELOPE_HEIGHT`.

    Returns:
        The `d` attribute of a closed path, `ENVELOPE_WIDTH` wide, silence at half the height.
    """
    samples, _ = soundfile.read(path, dtype="float32")
    count = min(ENVELOPE_WIDTH, len(samples))
    starts = np.linspace(0, len(samples), count, endpoint=False).astype(int)
    edges = [np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)]
    low, high = (ENVELOPE_HEIGHT / 2 * (1 - edge / max(peak, 1e-9)) for edge in edges)
    across = np.linspace(0, ENVELOPE_WIDTH, len(starts))
    upper = [f"{x:.0f} {y:.0f}" for x, y in zip(across, high, strict=True)]
    lower = [f"{x:.0f} {y:.0f}" for x, y in zip(across[::-1], low[::-1], strict=True)]
    return f"M{'L'.join([*upper, *lower])}Z"


def peak_magnitude(path: Path) -> float:
    """The largest magnitude of a recording, full scale being 1."""
    samples, _ = soundfile.read(path, dtype="float32")
    return float(np.abs(samples).max(initial=0))


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{b64encode(content).decode()}"
