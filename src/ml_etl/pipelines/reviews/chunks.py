"""Work per text, chunk by chunk: here, or in processes where there are many texts."""

from collections.abc import Callable, Sequence
from typing import Any

from ml_etl.processes import processors, side_by_side

_CHUNK = 5_000


def by_chunks(
    work: Callable[..., Any], texts: Sequence[Any], texts_per_process: int, *given: Any
) -> list[Any]:
    """`work(chunk, *given)` of every chunk, in order; the same whatever the number of processes."""
    processes = max(min(processors(), len(texts) // texts_per_process), 1)
    size = max(min(_CHUNK, -(-len(texts) // processes)), 1)  # so that no process is idle
    chunks = [(texts[start : start + size], *given) for start in range(0, len(texts), size)]
    return side_by_side(work, chunks, processes)
