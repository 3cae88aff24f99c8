"""Work of other threads keeps its order, its bound and its errors."""

import threading
from collections.abc import Iterator

import pytest

from ml_etl.ahead import ahead, left_to_others


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


def test_calls_are_made_at_the_same_time_and_all_before_the_end() -> None:
    together, done = threading.Barrier(2, timeout=30), []

    def call(n: int) -> None:
        together.wait()  # passes where another call is being made, too
        done.append(n)

    with left_to_others(2) as leave:
        for n in range(8):
            leave(call, n)
    assert sorted(done) == list(range(8))


def test_no_call_is_left_while_one_waits() -> None:
    made, go = [], threading.Event()

    def call(n: int) -> None:
        assert go.wait(timeout=30)
        made.append(n)

    def leave_all() -> None:
        with left_to_others(1) as leave:
            for n in range(5):
                leave(call, n)
                left.append(n)
                first_left.set()

    left: list[int] = []
    first_left = threading.Event()
    leaving = threading.Thread(target=leave_all)
    leaving.start()
    assert first_left.wait(timeout=30)
    leaving.join(timeout=0.2)
    assert left == [0]  # the second is given, and waits for the first to be made
    go.set()
    leaving.join(timeout=30)
    assert made == left == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("calls", [1, 9], ids=["in the end", "by a later call"])
def test_an_error_of_a_call_is_not_lost(calls: int) -> None:
    def call(n: int) -> None:
        if n == 0:
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"), left_to_others(2) as leave:
        for n in range(calls):
            leave(call, n)
