import sys

import pytest

from earwitness.errors import InputError
from tests.checkout import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import ratio


def test_a_ratio_is_the_peer_s_time_over_ours() -> None:
    """Its median and quartiles; the last word of the peer is its version."""
    found = ratio.of_values("anything", "two words 1.5", [4.0, 1.0, 2.0, 3.0, 5.0], 0.0)
    assert (found.peer, found.peer_version) == ("two words", "1.5")
    assert (found.ratio_q1, found.ratio_median, found.ratio_q3) == (2, 3, 4)


@pytest.mark.parametrize("apart", [1e-3, float("nan")])
def test_what_does_not_give_the_same_is_not_timed(apart: float) -> None:
    def never() -> None:
        pytest.fail("timed")

    with pytest.raises(InputError, match="anything: results differ by"):
        ratio.of_times("anything", "peer 1", never, never, apart, 1e-5)
