"""Independent pieces of a stage, one a core."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from joblib import Parallel, delayed
from tqdm import tqdm

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(
    work: Callable[[Item], Result], items: Sequence[Item], processes: int, what: str
) -> list[Result]:
    """`work` on every item, in that order; the results do not depend on the number of processes.

    Args:
        work: a function of a module, or a partial of one.
        items: what can be done apart.
        processes: at a time; -1 for one a core, 1 for none but this.
        what: said beside the progress bar.
    """
    # Forked where the system can, so that no process has to import torch again.
    run = Parallel(n_jobs=processes, backend="multiprocessing", batch_size=1)
    begun = tqdm(items, what, disable=None)
    return run(delayed(work)(item) for item in begun)


def halved(parts: Iterable[list[Item]]) -> list[list[Item]]:
    """Each part in two, every other item in either, so that two cores share a single part.

    Of a part with one item there is no second half.
    """
    halves = [half for part in parts for half in (part[::2], part[1::2])]
    return [half for half in halves if half]
