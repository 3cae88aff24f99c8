"""Work of other threads: items that are made ahead of their use, calls that nobody waits for."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

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


@contextmanager
def left_to_others(most: int) -> Iterator[Callable[..., None]]:
    """A function that leaves calls to other threads, `most` at a time, and waits where one more is due.

    What a call raises is raised by a later one, or in the end.
    """
    due: deque[Future[Any]] = deque()

    def leave(call: Callable[..., Any], *given: Any) -> None:
        due.append(doing.submit(call, *given))
        if len(due) > most:
            due.popleft().result()

    with ThreadPoolExecutor(most) as doing:
        yield leave
        for call in due:
            call.result()
