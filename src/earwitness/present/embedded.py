"""Pictures and sounds as text inside a page, so that it needs no other file."""

from base64 import b64encode
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

MAX_WIDTH = 1600
"""Of a figure in the report, at most, in pixels; the file under `figures/` keeps its own."""
MAX_COLOURS = 256
"""Of a figure, at most. They cover all that it has, so that rare ones stay what they are."""
ENVELOPE_WIDTH = 240
"""Along a drawn wave."""
ENVELOPE_HEIGHT = 100
"""Of a drawn wave, in its own units."""


def figure_uri(path: Path) -> tuple[str, int, int]:
    """A figure as the data URI of a smaller PNG, and its width and height in pixels."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    if image.width > MAX_WIDTH:
        height = round(image.height * MAX_WIDTH / image.width)
        image = image.resize((MAX_WIDTH, height), Image.Resampling.LANCZOS)
    few = image.quantize(MAX_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    written = BytesIO()
    few.save(written, "PNG", optimize=True)
    return _uri("image/png", written.getvalue()), image.width, image.height


def png_uri(path: Path) -> str:
    """A PNG as it is, as a data URI."""
    return _uri("image/png", path.read_bytes())


def flac_base64(path: Path) -> str:
    """A recording as FLAC, which every browser plays, in base64."""
    samples, rate = soundfile.read(path, dtype="int16")
    written = BytesIO()
    soundfile.write(written, samples, rate, format="FLAC", subtype="PCM_16")
    return b64encode(written.getvalue()).decode()


def envelope_path(path: Path, peak: float) -> str:
    """The envelope of a recording as an SVG path, `ENVELOPE_WIDTH` wide and `ENVELOPE_HEIGHT` high at `peak`."""
    samples, _ = soundfile.read(path, dtype="float32")
    starts = np.linspace(0, len(samples), min(ENVELOPE_WIDTH, len(samples)), endpoint=False).astype(
        int
    )
    edges = [np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)]
    low, high = (ENVELOPE_HEIGHT / 2 * (1 - edge / max(peak, 1e-9)) for edge in edges)
    places = np.linspace(0, ENVELOPE_WIDTH, len(starts))
    there = [f"{x:.0f} {y:.0f}" for x, y in zip(places, high, strict=True)]
    back = [f"{x:.0f} {y:.0f}" for x, y in zip(places[::-1], low[::-1], strict=True)]
    return f"M{'L'.join([*there, *back])}Z"


def peak_magnitude(path: Path) -> float:
    """The largest magnitude of a recording."""
    samples, _ = soundfile.read(path, dtype="float32")
    return float(np.abs(samples).max(initial=0))


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{b64encode(content).decode()}"
