"""What a mouth aims at for each phone, and the phones of each digit."""

from dataclasses import dataclass

NEUTRAL_HZ = (500.0, 1500.0, 2500.0)  # formants of a mouth that aims at nothing
BANDWIDTHS_HZ = (80.0, 110.0, 160.0)  # of the three formants
UNIT_S = 0.011  # in which the phones of a word are counted


@dataclass(frozen=True)
class Phone:
    """One articulation: formants in Hz, amplitudes of voice and noise, the noise's band in Hz."""

    formants: tuple[float, float, float]
    voice: float = 0.0
    noise: float = 0.0
    band: tuple[float, float] = (0.0, 0.0)


PHONES = {
    "_": Phone(NEUTRAL_HZ),
    "i": Phone((300, 2350, 3000), voice=1.0),
    "I": Phone((410, 2050, 2650), voice=1.0),
    "e": Phone((480, 2100, 2700), voice=1.0),
    "E": Phone((600, 1850, 2600), voice=1.0),
    "a": Phone((790, 1250, 2550), voice=1.0),
    "V": Phone((680, 1200, 2500), voice=1.0),
    "@": Phone((500, 1500, 2500), voice=0.7),
    "O": Phone((580, 880, 2500), voice=1.0),
    "o": Phone((480, 950, 2450), voice=1.0),
    "u": Phone((330, 1050, 2350), voice=1.0),
    "r": Phone((400, 1250, 1700), voice=0.8),
    "w": Phone((310, 680, 2250), voice=0.7),
    "n": Phone((260, 1400, 2450), voice=0.5),
    "v": Phone((270, 1150, 2300), voice=0.35, noise=0.3, band=(1300, 3600)),
    "z": Phone((280, 1650, 2500), voice=0.3, noise=1.0, band=(2800, 3800)),
    "s": Phone((320, 1650, 2500), noise=1.6, band=(2800, 3800)),
    "f": Phone((300, 1100, 2300), noise=0.7, band=(1200, 3700)),
    "T": Phone((300, 1400, 2500), noise=0.7, band=(1700, 3300)),
    "t": Phone((330, 1750, 2600), noise=2.0, band=(2300, 3800)),
    "k": Phone((320, 1950, 2500), noise=2.0, band=(1500, 2400)),
}
"""What the mouth aims at, for a speaker of middling size."""

WORDS: dict[int, tuple[tuple[str, int], ...]] = {
    0: (("z", 9), ("I", 8), ("r", 8), ("o", 12), ("u", 8)),
    1: (("w", 9), ("V", 17), ("n", 16)),
    2: (("t", 4), ("u", 36)),
    3: (("T", 9), ("r", 9), ("i", 26)),
    4: (("f", 11), ("O", 22), ("r", 11)),
    5: (("f", 10), ("a", 15), ("I", 11), ("v", 9)),
    6: (("s", 14), ("I", 11), ("_", 6), ("k", 3), ("s", 14)),
    7: (("s", 12), ("E", 11), ("v", 7), ("@", 7), ("n", 11)),
    8: (("e", 14), ("I", 12), ("_", 8), ("t", 6)),
    9: (("n", 10), ("a", 14), ("I", 11), ("n", 12)),
}
"""The phones of each digit and how long they last, in `UNIT_S` at middling tempo."""
