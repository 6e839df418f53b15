"""Completeness: do the values add up to the explained output (Sundararajan et al. 2017, section 3).

The gap is the explained output (or its difference to a baseline) minus the sum of the values.
"""

from earwitness.errors import InputError
from earwitness.explain.explanation import Explanation


def relative_gap(explanation: Explanation) -> float:
    """|gap| / |explained output|, without unit: 0 is complete; NaN if both are zero.

    Raises:
        InputError: the method does not distribute an output over the input, so it has no gap.
    """
    if explanation.gap is None:
        raise InputError(
            f"{explanation.method} does not distribute the output and has no completeness gap: "
            "choose a method that does"
        )
    total = explanation.values.double().sum()
    return float(abs(explanation.gap) / (total + explanation.gap).abs())
