"""Independent parts of a stage in parallel processes, one a core."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from joblib import Parallel, delayed
from tqdm import tqdm

Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel_map(
    work: Callable[[Item], Result], items: Sequence[Item], processes: int, label: str
) -> list[Result]:
    """Call `work` on every item; results are in the order of the items.

    They do not depend on the number of processes.

    Args:
        work: a function of a module, or a partial of one.
        items: independent of each other.
        processes: that run at the same time; -1 for one a core, 1 for this process alone.
        label: of the progress bar.
    """
    # Processes are forked where the system can fork, so that none has to import torch again.
    run = Parallel(n_jobs=processes, backend="multiprocessing", batch_size=1)
    return run(delayed(work)(item) for item in tqdm(items, label, disable=None))


def split_in_halves(parts: Iterable[list[Item]]) -> list[list[Item]]:
    """Split each part into its even and its odd items, so that two cores share a single part.

    A part with one item gives one half.
    """
    halves = [half for part in parts for half in (part[::2], part[1::2])]
    return [half for half in halves if half]
