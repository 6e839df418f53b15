import base64
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from earwitness.present import embedded


def decoded(uri: str) -> bytes:
    return base64.b64decode(uri.removeprefix("data:image/png;base64,"))


def test_a_figure_is_made_narrower_and_keeps_rare_colours(tmp_path: Path) -> None:
    """A purple spot in a grey picture of many shades stays purple."""
    picture = np.random.default_rng(0).integers(0, 256, (200, 3200, 1), np.uint8).repeat(3, 2)
    picture[100:110, 1000:1010] = (84, 39, 136)
    Image.fromarray(picture).save(tmp_path / "x.png")
    uri, width, height = embedded.figure_uri(tmp_path / "x.png")
    assert (width, height) == (embedded.MAX_WIDTH, 100)
    result = Image.open(BytesIO(decoded(uri)))
    assert result.mode == "P"
    spot = np.asarray(result.convert("RGB"))[52, 502].astype(int)
    assert np.abs(spot - (84, 39, 136)).max() < 16


def test_a_small_figure_keeps_its_size(tmp_path: Path) -> None:
    Image.new("RGBA", (30, 20), (255, 0, 0, 255)).save(tmp_path / "x.png")
    uri, *size = embedded.figure_uri(tmp_path / "x.png")
    assert size == [30, 20]
    assert Image.open(BytesIO(decoded(uri))).convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_a_sound_stays_what_it_is_bit_by_bit(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(-32768, 32767, 4000).astype(np.int16)
    soundfile.write(tmp_path / "x.wav", samples, 1000, subtype="PCM_16")
    written = BytesIO(base64.b64decode(embedded.flac_base64(tmp_path / "x.wav")))
    result, rate = soundfile.read(written, dtype="int16")
    assert rate == 1000
    np.testing.assert_array_equal(result, samples)
    assert soundfile.info(BytesIO(written.getvalue())).format == "FLAC"


@pytest.mark.parametrize("samples", [9, 240, 5000])
def test_a_drawn_wave_reaches_from_lowest_to_highest(tmp_path: Path, samples: int) -> None:
    """At the height of the given peak; a silent half lies in the middle."""
    wave = np.zeros(samples, np.float32)
    wave[samples // 2], wave[samples // 2 + 1] = 0.5, -0.25
    soundfile.write(tmp_path / "x.wav", wave, 8000)
    assert embedded.peak_magnitude(tmp_path / "x.wav") == pytest.approx(0.5)
    points = embedded.envelope_path(tmp_path / "x.wav", 0.5)[1:-1].split("L")
    places, heights = np.array([point.split() for point in points], float).T
    assert (places.min(), places.max()) == (0, embedded.ENVELOPE_WIDTH)
    assert (heights.min(), heights.max()) == (0, 75)
    assert heights[0] == heights[-1] == 50
