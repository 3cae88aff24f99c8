"""Manifests and pointers that were cut off or emptied: named, and in nobody else's way."""

import datetime as dt
import logging
from pathlib import Path

import pytest
from kedro.io.core import Version

from ml_etl import commands, config
from ml_etl.as_of import AsOf
from ml_etl.errors import Damaged
from ml_etl.layout import Layout
from ml_etl.plan import Plan, ReleaseRequest
from ml_etl.store import care
from ml_etl.store.release import Release
from ml_etl.store.versions import DatasetFolder
from tests.conftest import Data
from tests.store.test_versions import release


@pytest.fixture
def folder(data: Data) -> DatasetFolder:
    """letters, released as v1 and v2 into the shop of `--env files`."""
    config.settings.cache_clear()
    folder = DatasetFolder(config.layout("files").releases, "letters")
    for day in (1, 2):
        release(folder, f"v{day}", day=day)
    return folder


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", "null", '{"artefacts": {"a": 1}}', "\x00\x00"])
def test_a_manifest_that_is_none_is_damage(folder: DatasetFolder, content: str) -> None:
    path = folder.path / "v1" / "manifest.json"
    path.write_text(content)
    for read in (folder.manifests, lambda: folder.manifest("v1"), lambda: folder.newest()):
        with pytest.raises(Damaged, match=f"{path} is damaged .*Put it back from a copy, or remove it"):
            read()
    assert folder.manifest("v2").version == "v2"


def test_verify_names_manifests_and_pointers_and_goes_on(folder: DatasetFolder) -> None:
    """v1's manifest is cut off, a file of v2 is gone, CURRENT is empty; numbers is damaged by itself."""
    (folder.path / "v1" / "manifest.json").write_text("{")
    (folder.path / "v2" / "letters.txt").unlink()
    (folder.path / "CURRENT").write_text("")
    other = folder.releases / "numbers" / "n1"
    other.mkdir(parents=True)
    (other / "manifest.json").touch()
    with pytest.raises(Damaged, match="4 damaged") as raised:
        commands.verify_releases("files")
    for named in ("letters v1:", "letters v2:", "letters CURRENT:", "numbers n1:"):
        assert f"  {named}" in raised.value.message


def test_lists_show_the_others(folder: DatasetFolder, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.path / "v1" / "manifest.json").write_text("{")
    commands.list_releases("files", check=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[3] for line in lines if "│ letters" in line] == ["v2", "v1"]
    assert ["CURRENT" in line for line in lines if "│ letters" in line] == [True, False]
    assert "damaged" in next(line for line in lines if " v1 " in line)


def test_a_pointer_that_is_none_is_named_and_written_anew(
    folder: DatasetFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside v1's damaged manifest, which is in nobody's way."""
    (folder.path / "v1" / "manifest.json").write_text("{")
    (folder.path / "CURRENT").write_text("")
    commands.list_releases("files", check=False)
    assert "damaged" in next(line for line in capsys.readouterr().out.splitlines() if "CURRENT" in line)
    with pytest.raises(Damaged, match="kedro releases promote letters --version V"):
        commands.show_release("files", "letters", None, as_json=False)
    commands.promote_release("files", "letters", "v2")
    assert folder.current().version == "v2"


def test_a_dataset_without_a_readable_pointer_is_stale(folder: DatasetFolder) -> None:
    (folder.path / "CURRENT").write_text("")
    schedule = {"every_hours": 24, "grace_hours": 2}
    assert "CURRENT is damaged" in care.stale(folder, schedule, dt.datetime.now(dt.UTC))


def test_damage_of_another_dataset_is_no_matter_of_a_release(
    folder: DatasetFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether a version may go is told by what cites it; where that can't be read, all stay."""
    (folder.path / "v1" / "manifest.json").write_text("{")
    numbers, layout = DatasetFolder(folder.releases, "numbers"), config.layout("files")
    for day in (1, 2):
        _release_numbers(layout, f"n{day}", dt.date(2020, 1, day))
    assert numbers.versions() == ["n1", "n2"]
    assert numbers.current().version == "n2"
    told = [record for record in caplog.records if "numbers: old versions stay: " in record.getMessage()]
    assert len(told) >= 2 and {record.levelno for record in told} == {logging.WARNING}


def _release_numbers(layout: Layout, run_id: str, day: dt.date) -> None:
    """As the last node of a run does that prunes all but the newest."""
    DatasetFolder(layout.releases, "numbers").begin(run_id)
    plan = Plan("numbers", run_id, run_id, AsOf(day, "UTC", day), fingerprint=run_id)
    where = {"data": str(layout.data), "shop": layout.shop}
    node = Release("numbers", where, Version(None, run_id), {"keep_last": 1, "keep_days": 0})
    node.save(ReleaseRequest(plan, (), {}))
