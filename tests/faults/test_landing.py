"""kill -9 while a shop is landed for the first time: there is nothing yet, and so nothing is torn."""

from pathlib import Path

import pytest

from tests.faults.breaks import Break
from tests.faults.conftest import Reference
from tests.faults.place import DAYS, Place, hashes
from tests.faults.runs import Runs


@pytest.mark.slow
def test_a_first_landing_that_was_killed_is_taken_up_again(
    runs: Runs, small_shop: Path, reference: Reference, tmp_path: Path
) -> None:
    """Before and after a landed file and its state come, table after table; then a run is as ever."""
    place = Place(runs, tmp_path / "data", small_shop)
    for broken in (*(Break("land", n) for n in (1, 2, 5, 2)), Break("land", 1, "after")):
        assert place.run(DAYS[0], "first", broken=broken).killed
        assert place.current is None
    ended = place.run(DAYS[0], "first")
    assert ended.code == 0, ended.output
    assert place.current
    assert hashes(place.current) == reference.expected[DAYS[0]]
