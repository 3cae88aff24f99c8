"""The same of sessions that end at midnight and with another campaign, in a file of its own for a worker."""

from hypothesis import given

from tests.clicks.equivalence import SMALL, batches_equal_a_rebuild, examples, in_memory
from tests.clicks.histories import History, histories

OPTIONS = {**SMALL, "split_at_midnight": True, "split_on_campaign": True, "longest_hours": 24}


@examples(150)
@given(history=histories())
def test_batches_end_as_a_rebuild(history: History) -> None:
    batches_equal_a_rebuild(history, in_memory(), OPTIONS)
