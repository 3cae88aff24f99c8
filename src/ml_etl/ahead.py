"""Work done ahead: the next items are made while one is used."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_END = object()


def ahead(items: Iterable[T], most: int = 2) -> Iterator[T]:
    """The items in their order; another thread makes up to `most` of them before they are asked for.

    For what waits outside of Python, as the engine and Parquet do. What making an item raises is raised
    where it would have come.
    """
    making = iter(items)
    with ThreadPoolExecutor(1) as maker:
        coming = deque(maker.submit(next, making, _END) for _ in range(most))
        while (item := coming.popleft().result()) is not _END:
            coming.append(maker.submit(next, making, _END))
            yield item  # type: ignore[misc]
