"""Files of two small papers, one complete and one without results, and an audible explanation."""

import torch

from earwitness.explain.explanation import Axis, Explanation
from reproduction.results.listening import Listenable, Part

RATE, SECONDS = 8000, 6.0
README = """# Tones: is a beep heard?

Nobody & Co: *Tones* (never published).

## What the paper says
- A beep is heard, see [the figure](../../results/demo/tones/figures/heard.png).

## What differs
| here | there |
|---|---|
| a [table](targets.mk) | [elsewhere](https://example.org) |
"""
TARGETS = """tones_TITLE := beeps
tones_TABLES := heard.csv \\
  not_made.csv
tones_FIGURES := heard.png
"""
CLAIMS = '''id,claim,statistic,ci_low,ci_high,n,data,verdict
a,"the paper: a <beep> is heard, ""always""",0.5,0.25,0.75,12,Beeps,holds
b,noise is heard,-0.1,-0.2,-0.05,12,Beeps,fails
c,ours: silence is heard,0.0,-0.3,0.3,12,Beeps,undecided
'''
VERDICTS = """id,what,published,published_spread,source,reproduced,ci_low,ci_high,n,data,verdict
d,accuracy,0.9,0.05,table 1,0.88,0.8,0.95,12,Beeps,reproduced
e,error,1234.5,0.0,table 2,2000.0,,,12,Beeps,differs
"""
TABLE = """model,mean,ci_low,ci_high,share,share_low,share_high,share_n
ten,10.5,10.0,11.0,0.5,0.4,0.6,3
nine,9.25,9.0,9.5,,,,
hundred,100.0,99.0,101.0,0.7,0.6,0.8,4
"""
PROVENANCE = {
    "command": "make tones PROFILE=demo ARGS='seed=3 a=b'",
    "commit": "0123456789ab",
    "config_hash": "fedcba9876543210",
    "data": {"beeps": {"corpus": "Beeps", "licence": "CC0", "recordings": 4, "speakers": 2,
                       "hash": "aaaabbbbccccdddd"}},
    "seed": 3,
    "threads": 1,
    "packages": {"python": "3.11.7"},
    "device": "x86_64 CPU",
    "wall_time_s": {"beeps/ear/0": 90.0, "beeps/ear/1": 30.0},
}  # fmt: skip


def beep(method: str) -> Listenable:
    """A beep in the second half of a clip, explained by its second half."""
    time = torch.arange(int(RATE * SECONDS)) / RATE
    wave = 0.5 * torch.sin(2 * torch.pi * 440 * time)
    late = (time >= SECONDS / 2).float()
    axes = (
        Axis.of_names("source", ["hum", "beep"]),
        Axis("time", "s", SECONDS * torch.tensor([0.25, 0.75])),
    )
    values = torch.tensor([[0.0, -0.1], [0.0, 0.9]])
    explanation = Explanation(values, axes, "beep", 0.75, "by hand", {}, None)
    sounds = {"original": wave, "heard": late * wave, "rest": (1 - late) * wave}
    numbers = {"original": 0.75, "heard": 0.9, "rest": 0.12345}
    return Listenable(
        name=f"clip_{method}",
        clip="clip",
        truth="a beep",
        model="Ear",
        method=f"by hand, {method}",
        target="beep",
        measure="probability",
        explanation=explanation,
        parts={part: Part(sounds[part], numbers[part], {"Nose": 0.5}) for part in sounds},
    )
