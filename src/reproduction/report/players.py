"""Players of the report: each explanation with its sounds, heat map and waveforms."""

from pathlib import Path
from typing import Any, NamedTuple

from earwitness.present import embedded
from reproduction.results import audio_index

LABELS = {"original": "Original", "heard": "Explanation", "rest": "Complement"}
"""Part in the index -> label of its button."""
SHARP_BELOW = 64
"""A heat map with fewer cells along a side is shown with sharp cell edges."""


class SoundChoice(NamedTuple):
    """A sound that a button selects.

    Attributes:
        part: its CSS class, the label in lower case.
        label: of the button.
        sound: id of the sound in the page.
        raised: id of the sound shifted up by octaves, if there is one.
        number: probability or rating that the explained network gives to the sound.
        others: those of other networks, by their names.
        waveform: as an SVG path.
    """

    part: str
    label: str
    sound: str
    raised: str | None
    number: float
    others: dict[str, float]
    waveform: str


class Player(NamedTuple):
    """The player of an explanation.

    Attributes:
        id: of the player in the page.
        entry: of the explanation in the index.
        choices: sounds to choose from.
        picture: the heat map as a data URI.
        is_coarse: whether the heat map is shown with sharp cell edges.
        left: where the heat map begins, in percent of the duration of the sounds.
        width: of the heat map, in percent of this duration.
    """

    id: str
    entry: dict[str, Any]
    choices: list[SoundChoice]
    picture: str
    is_coarse: bool
    left: float
    width: float


class SoundIds(dict[Path, str]):
    """Ids of sound files in the page, which holds each file once."""

    def id(self, path: Path) -> str:
        """Return the id of a file, a new one if it had none."""
        return self.setdefault(path, f"sound-{len(self)}")

    def encoded(self) -> list[tuple[str, str]]:
        """Return id and content (FLAC in base64) of every file."""
        return [(name, embedded.flac_base64(path)) for path, name in self.items()]


def read(paper: str, folder: Path, ids: SoundIds) -> dict[str, list[Player]]:
    """Return the players of a paper's `audio/` folder by clip; none if there is no such folder.

    Raises:
        InputError: the index is damaged.
    """
    by_clip: dict[str, list[Player]] = {}
    for entry in audio_index.read(folder):
        player = _player(f"listen-{paper}-{entry['name']}", entry, folder, ids)
        by_clip.setdefault(entry["clip"], []).append(player)
    return by_clip


def _player(name: str, entry: dict[str, Any], folder: Path, ids: SoundIds) -> Player:
    """Return the player of an entry of the index."""
    heatmap, seconds, parts = entry["map"], entry["seconds"], entry["parts"]
    from_s, to_s = max(0.0, heatmap["from_s"]), min(seconds, heatmap["to_s"])
    peak = embedded.peak_magnitude(folder / parts["original"]["sound"])
    return Player(
        id=name.replace(" ", "-"),
        entry=entry,
        choices=[_choice(LABELS[part], parts[part], folder, ids, peak) for part in LABELS],
        picture=embedded.png_uri(folder / heatmap["picture"]),
        is_coarse=min(heatmap["shape"]) < SHARP_BELOW,
        left=round(100 * from_s / seconds, 2),
        width=round(100 * (to_s - from_s) / seconds, 2),
    )


def _choice(
    label: str, part: dict[str, Any], folder: Path, ids: SoundIds, peak: float
) -> SoundChoice:
    """Return the choice of a part in the index; a sample of magnitude `peak` is full height."""
    return SoundChoice(
        part=label.lower(),
        label=label,
        sound=ids.id(folder / part["sound"]),
        raised=ids.id(folder / part["raised"]) if "raised" in part else None,
        number=part["number"],
        others=part.get("others", {}),
        waveform=embedded.envelope_path(folder / part["sound"], peak),
    )
