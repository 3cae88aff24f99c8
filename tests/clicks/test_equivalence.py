"""Any split, order, repetition, delay within the promise and crash of batches ends as one rebuild."""

from hypothesis import given

from tests.clicks.equivalence import SMALL, batches_equal_a_rebuild, examples, in_memory
from tests.clicks.histories import History, histories


@examples(150)
@given(history=histories())
def test_batches_end_as_a_rebuild(history: History) -> None:
    batches_equal_a_rebuild(history, in_memory(), SMALL)
