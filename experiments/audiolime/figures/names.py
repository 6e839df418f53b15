"""How figures name taggers and configured methods."""

from collections.abc import Mapping
from typing import Any

from earwitness.explain.shapley import Shapley
from experiments.audiolime.checks.agreement import SHAPLEY
from experiments.audiolime.tables.same_tag import AUDIOLIME, SLIME, TAGGER_NAMES

SOURCES = {"true": "true stems", "harmonic_percussive": "harmonic and percussive"}
"""Separators whose sources are not estimates of the stems."""
FILLS = {"noise": ", noise for silence", "other": ", another track for silence"}
INTERVALS = "95 % intervals over artists or songs"


def tagger(name: str) -> str:
    """The name of a tagger's architecture."""
    return TAGGER_NAMES[name]


def methods(configured: Mapping[str, Any]) -> dict[str, str]:
    """Display names of configured methods, and of Shapley values, by their keys."""
    names = {str(key): method(settings) for key, settings in configured.items()}
    return names | {SHAPLEY: Shapley.name}


def method(settings: Mapping[str, Any]) -> str:
    """The display name of a method, from the settings that say how it divides a clip."""
    if settings["by"] == "bands":
        return f"{SLIME}, {settings['bands']} bands"
    sources = SOURCES.get(settings["separator"], "estimated sources")
    return f"{AUDIOLIME}, {sources}{FILLS.get(settings['fill'], '')}"
