"""Any split, order, repetition, delay within the promise and crash of batches ends as one rebuild."""

import pytest

from tests.clicks.equivalence import PORTIONS, SMALL, check_random_histories


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_batches_end_as_a_rebuild(portion: int) -> None:
    check_random_histories(SMALL, 150 // PORTIONS, portion)


def test_batches_in_blocks_and_spans_end_as_a_rebuild_at_once() -> None:
    check_random_histories(SMALL, 12, PORTIONS, events_per_block=2)
