"""Batches of a clickstream by real processes: killed, tried again, and two at once."""

import datetime as dt
import random
import signal
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml_etl.store.manifest import Manifest
from ml_etl.store.versions import DatasetFolder
from tests.clicks.place import SCHEMA, TABLES, canonical
from tests.faults.breaks import Break
from tests.faults.place import Place
from tests.faults.runs import Process, Runs

START = dt.datetime(2024, 5, 1)
BATCHES, VISITORS, EVENTS = 12, 30, 900
KILLS = {2: Break("sync", 5), 5: Break("write", 1, "during"), 8: Break("commit", when="after")}
"""By the batch that is killed: while parts are written, in a torn artefact, and before CURRENT moves."""


@dataclass(frozen=True)
class Clicks(Place):
    """A data folder for the dataset events."""

    @property
    def folder(self) -> DatasetFolder:
        return DatasetFolder(self.layout.releases, "events")

    def start(self, day: str, run_id: str, **options) -> Process:
        params = f"shop_folder={self.shop},shop_timezone=UTC,as_of={day}"
        arguments = ["run", "--env", "files", "--pipelines", "events", "--params", params]
        return self.runs.start(self.data, arguments, ML_ETL_RUN_ID=run_id, **options)

    def left_over(self) -> list[str]:
        """Also, tables in parts have folders of their own; none of them is empty."""
        files = [self.data / path for path in super().left_over()]
        return [str(path) for path in files if not (path.is_dir() and any(path.iterdir()))]

    @property
    def release(self) -> Manifest:
        assert self.current
        return self.current

    def rows(self) -> dict[str, list[tuple[str, ...]]]:
        return {table: canonical(self.folder, self.release, table) for table in TABLES}


def moment(batch: int) -> str:
    """The as-of of a batch: every quarter of an hour."""
    return (START + dt.timedelta(minutes=15 * (batch + 1))).isoformat() + "Z"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hours of clicks of thirty visitors; every tenth comes in late, by up to an hour."""
    folder, chance = tmp_path_factory.mktemp("clicks") / "shop", random.Random(20240501)
    rows = []
    for number in range(EVENTS):
        at = START + dt.timedelta(seconds=chance.uniform(0, 3 * 3600))
        late = chance.uniform(0, 3600) if chance.random() < 0.1 else 1
        rows.append(
            {
                "event_id": f"e{number}",
                "visitor_id": f"v{chance.randrange(VISITORS)}",
                "event_type": chance.choice(["view"] * 7 + ["add_to_cart", "checkout", "purchase"]),
                "article_id": f"a{chance.randrange(9)}",
                "created_at": at,
                "ingested_at": at + dt.timedelta(seconds=late),
                "simulated": False,
            }
        )
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), folder / "events.parquet")
    return folder


@pytest.mark.slow
def test_a_dozen_batches_with_kills_end_as_a_rebuild(runs: Runs, shop: Path, tmp_path: Path) -> None:
    """Three are killed and tried again; nothing is left over, and old versions go."""
    place = Clicks(runs, tmp_path / "batches", shop)
    for batch in range(BATCHES):
        if batch in KILLS:
            killed = place.run(moment(batch), f"run{batch}", broken=KILLS[batch])
            assert killed.killed, killed.output
        ended = place.run(moment(batch), f"run{batch}")
        assert ended.code == 0, ended.output
    assert place.damaged() == []
    assert place.left_over() == []
    other = Clicks(runs, tmp_path / "rebuild", shop)
    assert other.run(moment(BATCHES - 1), "rebuild").code == 0
    assert place.rows() == other.rows()
    assert set(place.statuses().values()) <= {"success", "unchanged"}


@pytest.mark.slow
def test_of_two_at_once_the_second_ends_and_nothing_is_interleaved(
    runs: Runs, shop: Path, tmp_path: Path
) -> None:
    """The first stands still in the middle of its batch; the second has its own exit code."""
    place = Clicks(runs, tmp_path / "data", shop)
    assert place.run(moment(0), "before").code == 0
    first = place.start(moment(3), "first", broken=Break("sync", 10, act="stop"))
    first.until_stopped()
    second = place.run(moment(5), "second")
    assert second.code == 4, second.output
    assert "run first" in second.output
    assert place.release.version == "before"
    first.send(signal.SIGCONT)
    assert first.wait().code == 0
    assert place.release.version == "first"
    assert place.run(moment(5), "third").code == 0
    other = Clicks(runs, tmp_path / "rebuild", shop)
    assert other.run(moment(5), "rebuild").code == 0
    assert place.rows() == other.rows()
