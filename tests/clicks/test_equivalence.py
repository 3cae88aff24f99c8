"""Any split, order, repetition, delay within the promise and crash of batches ends as one rebuild."""

from hypothesis import HealthCheck, given, settings

from tests.clicks.equivalence import SMALL, batches_equal_a_rebuild
from tests.clicks.histories import History, histories


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(history=histories())
def test_batches_end_as_a_rebuild(history: History, tmp_path_factory) -> None:
    batches_equal_a_rebuild(history, tmp_path_factory.mktemp("history"), SMALL)
