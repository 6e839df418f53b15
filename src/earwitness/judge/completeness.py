"""How much of the explained output the values leave out (completeness, Sundararajan et al. 2017).

The gap is what was explained minus the sum of values, so what was explained (an output, or its
difference to a baseline) is the sum of values plus the gap.
"""

from earwitness.errors import InputError
from earwitness.explain.explanation import Explanation


def relative_gap(explanation: Explanation) -> float:
    """|gap| over |what was explained|: 0 is complete; NaN if both are zero.

    Raises:
        InputError: the method does not share an output out, so it has no gap.
    """
    if explanation.gap is None:
        raise InputError(
            f"{explanation.method} shares no output out and has no completeness gap: "
            "choose a method that does"
        )
    total = explanation.values.double().sum()
    return float(abs(explanation.gap) / (total + explanation.gap).abs())
