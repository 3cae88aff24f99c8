"""Rejected rows that a person lets in after all: the next run reads them, and a rebuild comes to the same."""

from pathlib import Path

import pytest

from ml_etl import config
from ml_etl.errors import UsageError
from ml_etl.replay import replay
from tests.clicks.compared import table
from tests.clicks.place import TABLES, Place
from tests.clicks.rows import LATER, at, event

DAY = 24 * 60
GOOD = event(0, 0)
LATE = event(1, 1, late=4 * DAY)
LATER_STILL = event(2, 2, late=5 * DAY)
AHEAD = event(3, 3, late=-10)
WORSE = event(4, 4, late=4 * DAY, price=-1.0)
NOBODY = event(5, 5, visitor_id=None)
ROWS = [GOOD, LATE, LATER_STILL, AHEAD, WORSE, NOBODY]
NEXT = at(11 * DAY)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A shop with one good event and five rejected ones, released, which the command line looks at."""
    place = Place(tmp_path)
    monkeypatch.setenv("ML_ETL_DATA", str(place.data))
    config.settings.cache_clear()
    place.put(ROWS)
    place.run(LATER)
    yield place
    config.settings.cache_clear()


def let_in(reason: str, since: str | None = None, until: str | None = None, dry_run: bool = False) -> None:
    replay("files", reason, since, until, dry_run)


def ids(place: Place) -> set[str]:
    return {row["event_id"] for row in table(place, "events")}


def test_the_next_run_has_them_and_so_has_a_rebuild(place: Place) -> None:
    """1 and 2 are too late and come in; 4 has no price an article can have, and is rejected for that now."""
    let_in("too_late")
    manifest = place.run(NEXT)
    assert ids(place) == {"e0", "e1", "e2"}
    assert [row["event_count"] for row in table(place, "sessions")] == [3]
    counts = manifest.checks["tables"]["events"]
    assert (counts["rows_in"], counts["rows_out"], counts["rule.bad_price"]) == (3, 2, 1)
    told = {name: place.rows(name) for name in TABLES}
    place.run(NEXT, "rebuild", rebuild=True)
    assert {name: place.rows(name) for name in TABLES} == told


def test_no_row_is_replayed_twice(place: Place, capsys: pytest.CaptureFixture) -> None:
    let_in("too_late")
    let_in("too_late")
    assert "all were replayed before" in capsys.readouterr().out
    place.run(NEXT)
    let_in("too_late")
    assert "all were replayed before" in capsys.readouterr().out
    assert place.json("totals")["repeated"] == 0


def test_only_those_that_came_in_then(place: Place) -> None:
    """1 came in on the fifth day, 2 on the sixth."""
    let_in("too_late", since="2024-03-15")
    place.run(NEXT)
    assert ids(place) == {"e0", "e2"}
    let_in("too_late", until="2024-03-15T00:00")
    place.run(at(12 * DAY))
    assert ids(place) == {"e0", "e1", "e2"}


def test_a_dry_run_only_says_how_many(place: Place, capsys: pytest.CaptureFixture) -> None:
    let_in("clock_ahead", dry_run=True)
    assert "Would replay 1 rows" in capsys.readouterr().out
    before = place.current
    assert place.run(NEXT) == before


@pytest.mark.parametrize(
    ("reason", "says"), [("nobody", "can't be an event"), ("tired", "no such rule"), ("null_time", "Mend it")]
)
def test_rules_that_cant_be_lifted(place: Place, reason: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        let_in(reason)


def test_a_moment_that_is_none(place: Place) -> None:
    with pytest.raises(UsageError, match="expected a moment"):
        let_in("too_late", since="yesterday")
