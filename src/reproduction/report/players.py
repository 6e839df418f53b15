"""What the report plays: every explanation with its sounds, its map and its wave."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from earwitness.present import embedded
from reproduction.results import audio_index

LABELS = {"original": "Original", "heard": "Explanation", "rest": "Complement"}
"""What a reader calls the parts."""
FEW = 64
"""A map with fewer cells a side than this is drawn with sharp edges."""


class Choice(NamedTuple):
    """A sound on a button: ids of its files in the page, its number, and its wave as a path."""

    part: str
    label: str
    sound: str
    raised: str | None
    number: float
    others: dict[str, float]
    wave: str


class Player(NamedTuple):
    """An explanation: `told` is its entry in the index; places are shares of its duration."""

    id: str
    told: dict[str, Any]
    choices: list[Choice]
    picture: str
    is_coarse: bool
    left: float
    width: float


class Sounds(dict[Path, str]):
    """Files of sounds and their ids in the page; each file is in it once."""

    def id(self, path: Path) -> str:
        """The id of a file, a new one where it had none."""
        return self.setdefault(path, f"sound-{len(self)}")

    def encoded(self) -> list[tuple[str, str]]:
        """Id and content of every file."""
        return [(name, embedded.flac_base64(path)) for path, name in self.items()]


def read(paper: str, folder: Path, sounds: Sounds) -> dict[str, list[Player]]:
    """The players of a paper by their clips; none where there is nothing to listen to.

    Raises:
        InputError: the index is damaged.
    """
    found: dict[str, list[Player]] = {}
    for entry in audio_index.read(folder):
        player = _player(f"listen-{paper}-{entry['name']}", entry, folder, sounds.id)
        found.setdefault(entry["clip"], []).append(player)
    return found


def _player(name: str, entry: dict[str, Any], folder: Path, id_of: Callable[[Path], str]) -> Player:
    """An entry of the index with everything that it names."""
    drawn, seconds, parts = entry["map"], entry["seconds"], entry["parts"]
    from_s, to_s = max(0.0, drawn["from_s"]), min(seconds, drawn["to_s"])
    loudest = embedded.peak_magnitude(folder / parts["original"]["sound"])
    return Player(
        id=name.replace(" ", "-"),
        told=entry,
        choices=[_choice(part, parts[part], folder, id_of, loudest) for part in LABELS],
        picture=embedded.png_uri(folder / drawn["picture"]),
        is_coarse=min(drawn["shape"]) < FEW,
        left=round(100 * from_s / seconds, 2),
        width=round(100 * (to_s - from_s) / seconds, 2),
    )


def _choice(
    part: str, told: dict[str, Any], folder: Path, id_of: Callable[[Path], str], loudest: float
) -> Choice:
    """A part as the index tells it; its wave is drawn in full height at `loudest`."""
    return Choice(
        part=part,
        label=LABELS[part],
        sound=id_of(folder / told["sound"]),
        raised=id_of(folder / told["raised"]) if "raised" in told else None,
        number=told["number"],
        others=told.get("others", {}),
        wave=embedded.envelope_path(folder / told["sound"], loudest),
    )
