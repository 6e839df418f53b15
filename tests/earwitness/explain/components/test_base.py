"""Equal sections."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earwitness.errors import InputError
from earwitness.explain.components.base import sections


@settings(max_examples=50, deadline=None)
@given(count=st.integers(1, 50), more=st.integers(0, 200))
def test_sections_are_equal(count: int, more: int) -> None:
    """In order, none empty, none longer than another by more than one step."""
    found = sections(count + more, count, "segments")
    lengths = found.bincount()
    assert (found.diff() >= 0).all()
    assert len(lengths) == count
    assert lengths.max() - lengths.min() <= 1


@pytest.mark.parametrize("count", [0, 4])
def test_sections_hold_something(count: int) -> None:
    """More segments than samples would leave some without sound."""
    with pytest.raises(InputError, match=f"{count} segments: choose 1 to 3"):
        sections(3, count, "segments")
