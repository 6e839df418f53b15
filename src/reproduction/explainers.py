"""Explainers as they are configured, and their display names."""

import re
from collections.abc import Mapping

from omegaconf import DictConfig

from earwitness.explain.explainers import Explainer
from reproduction import config


def built_explainers(nodes: Mapping[str, DictConfig]) -> dict[str, Explainer]:
    """Each configured explainer by its key; InputError if a configuration does not fit."""
    return {str(key): config.build(node) for key, node in nodes.items()}


def method_names(nodes: Mapping[str, DictConfig]) -> dict[str, str]:
    """Display name of each configured explainer by its key: its own, and what its key adds."""
    explainers = built_explainers(nodes)
    return {key: variant_name(explainer.name, key) for key, explainer in explainers.items()}


def variant_name(name: str, key: str) -> str:
    """The name of an explainer with the words of its key that distinguish it from other variants.

    A key that begins otherwise than the name is an alias and adds nothing.

    >>> variant_name("occlusion", "occlusion_240ms")
    'occlusion, 240 ms'
    >>> variant_name("LRP EpsilonPlus", "lrp")
    'LRP EpsilonPlus'
    >>> variant_name("expected gradients", "gradient_shap")
    'expected gradients'
    """
    if not _compact(key).startswith(_compact(name.split()[0])):
        return name
    added = [word for word in key.split("_") if _compact(word) not in _compact(name)]
    words = " ".join(re.sub(r"(\d)([a-z]+)$", r"\1 \2", word) for word in added)
    return f"{name}, {words}" if words else name


def _compact(text: str) -> str:
    """Letters and digits alone, in lower case."""
    return re.sub(r"[^a-z0-9]", "", text.lower())
