"""How the source is read: from the watermark less the overlap to the as-of less the lag; and backfills."""

from pathlib import Path
from typing import Any

import pytest

from ml_etl.errors import UsageError
from tests.clicks.compared import table
from tests.clicks.place import TABLES, Place
from tests.clicks.rows import at, event

DAY = 24 * 60
ROWS = [event(n, 60 * n) for n in range(5)]
"""One in an hour."""


def ids(place: Place) -> list[str]:
    return sorted(row["event_id"] for row in table(place, "events"))


def watermark(place: Place) -> str:
    assert place.current
    return place.current.inputs["increment"]["watermark"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Released up to hour 4; row 1 was not there yet, and appears after it."""
    place = Place(tmp_path)
    place.put([row for row in ROWS if row["event_id"] != "e1"])
    place.run(at(245))
    place.put(ROWS)
    return place


def test_a_run_reads_up_to_the_lag(tmp_path: Path) -> None:
    """Of three rows at hours 0, 1 and 2, the one that came in less than five minutes before is for later."""
    place = Place(tmp_path)
    place.put(ROWS)
    place.run(at(124.9))
    assert ids(place) == ["e0", "e1"]
    place.run(at(125.1))
    assert ids(place) == ["e0", "e1", "e2"]


def test_what_appears_within_the_overlap_is_found(tmp_path: Path) -> None:
    """10 came in at minute 230 and could be seen from minute 249 on, when the run up to 240 was over."""
    place = Place(tmp_path)
    place.put(ROWS[:4])
    place.run(at(245))
    place.put([*ROWS[:4], event(10, 230)])
    place.run(at(260))
    assert "e10" in ids(place)


@pytest.mark.parametrize(
    "after",
    [
        [],
        [{**ROWS[4], "event_type": None}],
        [{**ROWS[4], "event_type": "view", "article_id": "a2"}],
        [{**ROWS[4], "ingested_at": at(242)}],
        [{**ROWS[4], "ingested_at": at(242), "article_id": "a2"}],
    ],
    ids=("deleted", "without type", "changed", "sent again", "sent again and changed"),
)
def test_an_event_that_was_read_stays(
    tmp_path: Path, after: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """4, and 5 of an unknown type, are read up to minute 241; then the source has 4 no more as it came in."""
    place, odd = Place(tmp_path), event(5, 240, "blink")
    place.put([*ROWS, odd])
    place.run(at(246))
    place.put([*ROWS[:4], odd, *after, event(9, 250)])
    place.run(at(260))
    assert ids(place) == ["e0", "e1", "e2", "e3", "e4", "e5", "e9"]
    assert "1 of those read before are no longer in the source" in caplog.text
    place.put([*ROWS[:4], *after, event(9, 250), event(10, 300)])  # 5 has gone, too
    place.run(at(310))
    counts = place.json("totals")
    accepted = [row["rows"] for row in table(place, "intake") if row["outcome"] == "accepted"]
    assert (sum(accepted), counts["accepted"], counts["events"], counts["unknown_type"]) == (8, 8, 8, 1)
    assert ids(place) == ["e0", "e1", "e10", "e2", "e3", "e4", "e5", "e9"]


def test_a_file_that_is_moved_away_takes_no_event_with_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.put(ROWS)
    place.run(at(246))
    place.put([event(9, 250)])
    place.run(at(260))
    assert ids(place) == ["e0", "e1", "e2", "e3", "e4", "e9"]


def test_what_appears_later_needs_a_backfill(place: Place, tmp_path: Path) -> None:
    """No run by itself finds row 1; one `from` and `to` does, and the watermark stays where it was."""
    place.run(at(300))
    assert "e1" not in ids(place)
    before = watermark(place)
    place.run(at(310), from_=at(60), to=at(75))
    assert (ids(place), watermark(place)) == (["e0", "e1", "e2", "e3", "e4"], before)
    told = {name: place.rows(name) for name in TABLES}
    other = Place(tmp_path / "rebuild")
    other.put(ROWS)
    other.run(at(300))
    assert {name: other.rows(name) for name in TABLES} == told


def test_a_backfill_reads_whole_quarters_of_an_hour(place: Place) -> None:
    """Asked for are minutes 58 to 61: read are those from 45 to 75, and counted once."""
    place.run(at(300))
    place.run(at(310), from_=at(58), to=at(61))
    assert "e1" in ids(place)
    assert place.json("totals")["repeated"] == 0
    assert sum(row["rows"] for row in table(place, "intake")) == 5


def test_a_backfill_leaves_the_overlap_to_the_next_run(tmp_path: Path) -> None:
    """10 appears in the overlap, which the backfill of minutes 60 to 75 does not read."""
    place = Place(tmp_path)
    place.put(ROWS[:4])
    place.run(at(245))
    place.put([*ROWS[:4], event(10, 230)])
    place.run(at(250), from_=at(60), to=at(75))
    assert "e10" not in ids(place)
    place.run(at(400))
    assert "e10" in ids(place)


def test_a_backfill_knows_no_more_than_what_it_is_added_to(place: Place) -> None:
    """As of minute 245 row 4 was not known; nor is it after a backfill as of minute 310."""
    before = place.current
    after = place.run(at(310), from_=at(60), to=at(75))
    assert (after.as_of, after.inputs["increment"]["base"]) == (before.as_of, before.version)
    assert place.releases.oldest(since="2024-03-10T04:10:00Z") is None


@pytest.mark.parametrize("options", [{"from_": at(60), "to": at(75)}, {"rebuild": True}])
def test_without_an_as_of_current_is_mended(tmp_path: Path, options: dict[str, Any]) -> None:
    """The end of the newest day in the data, minute 1440, is before CURRENT's as-of; row 1 appeared late."""
    place = Place(tmp_path)
    place.put([*ROWS[:1], *ROWS[2:]])
    place.run(at(DAY + 245))
    before = place.current
    place.put(ROWS)
    after = place.run(None, **options)
    assert ids(place) == ["e0", "e1", "e2", "e3", "e4"]
    assert (after.version != before.version, after.as_of) == (True, before.as_of)


def test_a_run_after_a_backfill_goes_on_from_the_watermark(place: Place) -> None:
    place.run(at(310), from_=at(60), to=at(75))
    place.put([*ROWS, event(20, 320)])
    place.run(at(400))
    assert ids(place) == ["e0", "e1", "e2", "e20", "e3", "e4"]


def test_a_backfill_needs_a_release_and_a_beginning(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.put(ROWS)
    with pytest.raises(UsageError, match="run without them first"):
        place.run(at(300), from_=at(60))
    place.run(at(300))
    with pytest.raises(UsageError, match="give `from`"):
        place.run(at(310), to=at(60))
    with pytest.raises(UsageError, match="the end of what was read"):
        place.run(at(310), from_=at(1000))


def test_an_as_of_of_the_past_leaves_current(tmp_path: Path) -> None:
    """A run as of hour 2, after one as of hour 5: a release of its own, which CURRENT doesn't follow."""
    place = Place(tmp_path)
    place.put(ROWS)
    newest = place.run(at(300), "newest")
    place.run(at(130), "past")
    assert place.current == newest
    other = Place(tmp_path / "other")
    other.put(ROWS)
    other.run(at(130), "past")
    assert place.rows("sessions", "past") == other.rows("sessions")


def test_a_watermark_commits_with_its_data(place: Place) -> None:
    """What a run that breaks before its release has read is read again by the next."""
    before = watermark(place)
    with pytest.raises(ValueError, match="nothing to be done"), pytest.MonkeyPatch.context() as patch:
        patch.setattr("ml_etl.store.release.Release.save", _breaks)
        place.run(at(300))
    assert watermark(place) == before
    place.run(at(300))
    assert "e4" in ids(place)


def _breaks(*_arguments: object) -> None:
    raise ValueError("nothing to be done")
