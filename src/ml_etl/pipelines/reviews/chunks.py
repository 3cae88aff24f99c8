"""Work per text, chunk by chunk: here, or in processes where there are many texts."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ml_etl.processes import processors

_CHUNK = 5_000


def by_chunks(
    work: Callable[..., Any], texts: Sequence[Any], texts_per_process: int, *given: Any, chunk: int = _CHUNK
) -> list[Any]:
    """`work(chunk, *given)` of every chunk, in order; the same whatever the number of processes.

    Processes are spawned, not forked: the engine's threads would not survive a fork.
    """
    processes = min(processors(), len(texts) // texts_per_process)
    if processes < 2:
        return [work(some, *given) for some in _chunks(texts, chunk)]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    size = min(chunk, -(-len(texts) // processes))  # so that none of them is idle
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(work, some, *given) for some in _chunks(texts, size)]
        return [future.result() for future in futures]


def _chunks(texts: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))
