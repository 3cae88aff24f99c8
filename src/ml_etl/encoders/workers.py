"""A model on all cores: as many batches at once as there are cores, each computed by one thread."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ml_etl.encoders.torch_library import torch

Batch = TypeVar("Batch")
Made = TypeVar("Made")

_MOST_WORKERS = 16
"""Beyond, Python itself is the limit, and the batches get threads of their own."""


def cores(setting: int | None) -> int:
    """As many as set, else as many as this process may use."""
    have = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return setting or have or 1


def on_all_cores(
    work: Callable[[Batch], Made], batches: Iterable[Batch], device: str, threads: int | None
) -> list[Made]:
    """`work` of each batch, in their order, without gradients.

    torch's own threads wait for one another after every operation: on batches of texts that costs some of
    the speed, and most of it where another process wants a core. Batches side by side don't wait, and what
    one of them gives does not depend on the number of cores. Other devices than the processor take one
    batch after the other.
    """

    def without_gradients(batch: Batch) -> Made:
        with torch().inference_mode():
            return work(batch)

    if device != "cpu":
        return [without_gradients(batch) for batch in batches]
    workers = min(cores(threads), _MOST_WORKERS)
    each = max(1, cores(threads) // workers)
    with ThreadPoolExecutor(workers, initializer=torch().set_num_threads, initargs=(each,)) as pool:
        return list(pool.map(without_gradients, batches))
