"""The property: batches come to what one run from scratch comes to."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings

from tests.clicks.histories import Batch, History, histories
from tests.clicks.kills import survives
from tests.clicks.place import TABLES, Place

PORTIONS = 10
"""The histories of a file are as many tests: pytest-xdist begins with the files of many."""

SMALL = {"gap_minutes": 30, "longest_hours": 2, "bot_events_per_hour": 4}
"""Rules that small histories reach: a session of two hours is cut, five events in an hour are a bot's."""


def check_random_histories(rules: dict[str, Any], number: int, of: int, **options: Any) -> None:
    """So many random histories: the same ones in every run, others for another number `of`.

    `options` are of the parameters `events`, for the batches alone.
    """

    @seed(of)
    @settings(max_examples=number, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(history=histories())
    def check(history: History) -> None:
        batches_equal_a_rebuild(history, in_memory(), rules, **options)

    check()


def in_memory() -> Path:
    """A new folder, in memory where the system has such a place: syncs are what small runs wait for."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return Path(tempfile.mkdtemp(dir=memory))


def batches_equal_a_rebuild(history: History, folder: Path, rules: dict[str, Any], **options: Any) -> None:
    """Run the batches, killed and tried again; then compare every table with that of a rebuild."""
    place, other = (Place(folder / name, clickstream={"sessions": rules}) for name in ("batches", "rebuild"))
    try:
        for number, batch in enumerate(history.batches):
            place.put(history.seen(batch.as_of))
            if batch.categories is not None:
                place.put_articles(batch.categories)
            _run(place, batch, f"run{number}", options)
        last = history.batches[-1].as_of
        other.put(history.seen(last))
        if (categories := history.categories) is not None:
            other.put_articles(categories)
        other.run(last)
        for table in TABLES:
            assert place.rows(table) == other.rows(table), table
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(place: Place, batch: Batch, run_id: str, options: dict[str, Any]) -> None:
    if batch.killed_at is None:
        place.run(batch.as_of, run_id, **options)
    elif not survives(lambda: place.run(batch.as_of, run_id, **options), batch.killed_at):
        place.run(batch.as_of, run_id if batch.same_id else f"{run_id}-again", **options)
