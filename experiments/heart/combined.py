"""Shapley values and occlusion in one map over time (Dissanayake et al. 2020).

The paper combines SHAP with occlusion maps on the time axis and does not say how. This is our
reading: what both find to speak for the class, as much as both find it.
"""

from torch import Tensor

from earwitness.errors import InputError
from earwitness.explain.bins import binned
from earwitness.explain.explanation import Explanation
from earwitness.present.gains import rectify_and_normalise


def combined(first: Explanation, second: Explanation, edges: Tensor) -> Explanation:
    """Product of two maps' positive parts in each bin of time, each scaled to its maximum.

    Args:
        first: an explanation with an axis "time".
        second: another one of the same class of the same sound.
        edges: of the bins `(bins + 1,)`, in s.

    Returns:
        Values `(bins,)` in [0, 1]: 1 where both are at their maximum, 0 where either finds nothing
        that speaks for the class.

    Raises:
        InputError: they explain different classes, or one has no time.
    """
    if first.target != second.target:
        raise InputError(f"explanations of {first.target} and of {second.target}: choose one class")
    maps = [binned(each, edges) for each in (first, second)]
    return Explanation(
        values=rectify_and_normalise(maps[0].values) * rectify_and_normalise(maps[1].values),
        axes=maps[0].axes,
        target=first.target,
        probability=first.probability,
        method=f"{first.method} x {second.method}",
        settings={"first": first.settings, "second": second.settings},
        gap=None,
    )
