"""Two runs of one dataset at once: the second says who is at work, the first ends well."""

import signal

import pytest

from tests.faults.breaks import Break
from tests.faults.conftest import Reference
from tests.faults.place import DAYS, Place, hashes

HALFWAY = Break("write", 2, act="stop")


def test_the_second_run_is_turned_away_and_the_first_ends_well(place: Place, reference: Reference) -> None:
    """The first one stands still halfway; the second names its run, process and host."""
    first = place.start(DAYS[1], "first", broken=HALFWAY)
    first.until_stopped()
    second = place.run(DAYS[2], "second")
    assert (second.code, "Traceback" in second.output) == (4, False), second.output
    assert "run first" in second.output
    assert str(first.pid) in second.output
    first.send(signal.SIGCONT)
    ended = first.wait()
    assert ended.code == 0, ended.output
    assert place.current
    assert (place.current.version, hashes(place.current)) == ("first", reference.expected[DAYS[1]])
    assert place.statuses() == {f"reference-{DAYS[0]}": "success", "first": "success", "second": "failed"}
    assert place.left_over() == []


@pytest.mark.slow
def test_a_killed_holder_holds_nothing(place: Place, reference: Reference) -> None:
    first = place.start(DAYS[1], "first", broken=HALFWAY)
    first.until_stopped()
    first.send(signal.SIGKILL)
    assert first.wait().killed
    ended = place.run(DAYS[1], "second")
    assert ended.code == 0, ended.output
    assert place.current
    assert (place.current.version, hashes(place.current)) == ("second", reference.expected[DAYS[1]])
