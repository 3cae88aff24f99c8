"""Pruning by hand, beside runs that are at work."""

import datetime as dt
from pathlib import Path

import pytest

from ml_etl import config, prune_command
from ml_etl.errors import Locked
from ml_etl.store import care
from ml_etl.store.locks import hold
from ml_etl.store.manifest import Manifest
from ml_etl.store.versions import DatasetFolder
from tests.conftest import Data
from tests.store.test_versions import release


@pytest.fixture
def folders(data: Data) -> list[DatasetFolder]:
    """letters and numbers, seven versions of each, years old: the first two may go."""
    config.settings.cache_clear()
    releases = config.layout("files").releases
    folders = [DatasetFolder(releases, name) for name in ("letters", "numbers")]
    for folder in folders:
        for day in range(1, 8):
            release(folder, f"v{day}", day=day, dataset=folder.dataset)
    return folders


def test_what_a_run_works_on_is_left_alone_and_said(
    folders: list[DatasetFolder], capsys: pytest.CaptureFixture[str]
) -> None:
    """The run may be adding to the very version that is old enough."""
    letters, numbers = folders
    with hold(letters, "backfill"), pytest.raises(Locked, match="letters is held by run backfill") as raised:
        prune_command.prune_releases("files", dry_run=False)
    assert raised.value.exit_code == 4
    assert letters.versions() == [f"v{day}" for day in range(1, 8)]
    assert numbers.versions() == ["v3", "v4", "v5", "v6", "v7"]
    assert "letters" not in capsys.readouterr().out
    prune_command.prune_releases("files", dry_run=False)
    assert letters.versions() == ["v3", "v4", "v5", "v6", "v7"]


def test_saying_what_would_go_waits_for_nobody(
    folders: list[DatasetFolder], capsys: pytest.CaptureFixture[str]
) -> None:
    with hold(folders[0], "backfill"):
        prune_command.prune_releases("files", dry_run=True)
    listed = [line.split()[1:4:2] for line in capsys.readouterr().out.splitlines() if "│" in line]
    assert listed == [["letters", "v1"], ["letters", "v2"], ["numbers", "v1"], ["numbers", "v2"]]
    assert all(len(folder.versions()) == 7 for folder in folders)


def test_a_version_that_goes_while_all_are_read_is_none(
    folders: list[DatasetFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = folders[0]
    read = Manifest.read

    def pruned_meanwhile(path: Path) -> Manifest:
        (letters.path / "v2" / "manifest.json").unlink(missing_ok=True)
        return read(path)

    monkeypatch.setattr(Manifest, "read", pruned_meanwhile)
    assert [m.version for m in letters.manifests()] == ["v1", "v3", "v4", "v5", "v6", "v7"]


def test_what_a_run_of_another_dataset_has_chosen_stays_for_a_day(folders: list[DatasetFolder]) -> None:
    """Of seven versions all but the newest may go; v1 and v3 are chosen, v6 by the dataset's own run."""
    mine, others = folders[0], DatasetFolder(folders[0].releases, "letters")
    assert others.oldest(since="2020-01-01T00:00:00Z").version == "v1"
    assert others.newest(until="2020-01-03T00:00:00Z").version == "v3"
    with hold(mine, "run"):
        assert mine.newest(before="2020-01-07T00:00:00Z").version == "v6"
    now = dt.datetime.now(dt.UTC)
    assert _prunable(mine, now) == ["v2", "v4", "v5", "v6"]
    assert _prunable(mine, now + dt.timedelta(hours=25)) == ["v1", "v2", "v3", "v4", "v5", "v6"]
    assert others.newest(until="2020-01-03T00:00:00Z").version == "v3"  # again, by a later run
    care.prune(mine, care.prunable(mine, 1, 0, now))
    assert mine.versions() == ["v1", "v3", "v7"]


def _prunable(folder: DatasetFolder, now: dt.datetime) -> list[str]:
    return [m.version for m in care.prunable(folder, keep_last=1, keep_days=0, now=now)]


def test_a_version_that_goes_while_it_is_chosen_is_not_chosen(
    folders: list[DatasetFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = folders[0]
    exists = DatasetFolder.exists

    def pruned_before_it_is_noted(folder: DatasetFolder, version: str) -> bool:
        (letters.path / "v1" / "manifest.json").unlink(missing_ok=True)
        return exists(folder, version)

    monkeypatch.setattr(DatasetFolder, "exists", pruned_before_it_is_noted)
    assert letters.oldest(since="2020-01-01T00:00:00Z").version == "v2"


def test_who_may_only_read_chooses_all_the_same(folders: list[DatasetFolder]) -> None:
    (folders[0].path / ".chosen").touch()  # in place of the folder of notes
    assert folders[0].newest().version == "v7"
