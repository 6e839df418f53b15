"""One order and one result, whatever the number of processes."""

import os
import time
from functools import partial

import pytest

from earwitness.errors import InputError
from reproduction.parallel import parallel_map, split_in_halves


def later_first(item: int) -> tuple[int, int]:
    """The first item ends last: so late that another process gets some, on a busy machine too."""
    time.sleep(0.5 * (item == 0))
    return item, os.getpid()


def refuse(what: str, item: int) -> int:
    if item == 2:
        raise InputError(f"{what} {item}: is refused; leave it out")
    return item


@pytest.mark.parametrize("processes", [1, 2, -1])
def test_results_come_in_the_order_of_the_items(processes: int) -> None:
    found = parallel_map(later_first, range(7), processes, "items")
    assert [item for item, _ in found] == list(range(7))


def test_items_are_shared_out_unless_one_process_is_asked_for() -> None:
    here = {process for _, process in parallel_map(later_first, range(7), 1, "items")}
    elsewhere = {process for _, process in parallel_map(later_first, range(7), 2, "items")}
    assert here == {os.getpid()}
    assert os.getpid() not in elsewhere
    assert len(elsewhere) == 2


def test_nothing_gives_nothing() -> None:
    assert parallel_map(later_first, [], 2, "items") == []


@pytest.mark.parametrize("processes", [1, 2])
def test_a_refusal_is_the_same_from_any_process(processes: int) -> None:
    with pytest.raises(InputError, match=r"^clip 2: is refused; leave it out$"):
        parallel_map(partial(refuse, "clip"), range(4), processes, "items")


def test_parts_are_halved_evenly_and_none_is_empty() -> None:
    assert split_in_halves([[1, 2, 3], [4], []]) == [[1, 3], [2], [4]]
