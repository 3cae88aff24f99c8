"""Work done ahead keeps its order, its bound and its errors."""

import threading
from collections.abc import Iterator

import pytest

from ml_etl.ahead import ahead


def test_items_come_in_order_and_no_more_are_made_than_asked() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for n in range(10):
            made.append(n)
            yield n

    for n, item in enumerate(ahead(items(), most=2)):
        assert item == n
        assert len(made) <= n + 3  # the one in use, and two more
    assert made == list(range(10))


def test_the_next_is_made_while_one_is_used() -> None:
    second = threading.Event()

    def items() -> Iterator[str]:
        yield "first"
        second.set()
        yield "second"

    found = ahead(items())
    assert next(found) == "first"
    assert second.wait(timeout=30)
    assert [*found] == ["second"]


def test_an_error_comes_where_its_item_would() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("no space left")

    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(OSError, match="no space left"):
        next(found)
