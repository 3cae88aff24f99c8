"""The property: batches come to what one run from scratch comes to."""

import shutil
from pathlib import Path
from typing import Any

from tests.clicks.histories import History
from tests.clicks.kills import Killed, killed_at
from tests.clicks.place import TABLES, Place

SMALL = {"gap_minutes": 30, "longest_hours": 2, "bot_events_per_hour": 4}
"""Rules that small histories reach: a session of two hours is cut, five events in an hour are a bot's."""


def batches_equal_a_rebuild(history: History, folder: Path, rules: dict[str, Any]) -> None:
    """Run the batches, killed and tried again; then compare every table with that of a rebuild."""
    place, other = (Place(folder / name, clickstream={"sessions": rules}) for name in ("batches", "rebuild"))
    try:
        for number, batch in enumerate(history.batches):
            place.put(history.seen(batch.as_of))
            run_id = f"run{number}"
            try:
                with killed_at(batch.killed_at):
                    place.run(batch.as_of, run_id)
            except Killed:
                place.run(batch.as_of, run_id if batch.same_id else f"{run_id}-again")
        last = history.batches[-1].as_of
        other.put(history.seen(last))
        other.run(last)
        for table in TABLES:
            assert place.rows(table) == other.rows(table), table
    finally:
        shutil.rmtree(folder, ignore_errors=True)
