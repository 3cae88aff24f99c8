"""The same of sessions that end at midnight and with another campaign, in a file of its own for a worker."""

import pytest

from tests.clicks.equivalence import PORTIONS, SMALL, check_random_histories

OPTIONS = {**SMALL, "split_at_midnight": True, "split_on_campaign": True, "longest_hours": 24}


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_batches_end_as_a_rebuild(portion: int) -> None:
    check_random_histories(OPTIONS, 150 // PORTIONS, portion)
