"""The fingerprint covers the code that rows are made by: whoever changes it gets a new release."""

import ast
import shutil
from pathlib import Path

import pytest

import ml_etl
from ml_etl.run import fingerprint

PACKAGE = Path(ml_etl.__file__).parent
FOLDERS = ("pipelines", "clickstream", "contracts", "engine", "store")
MAKE_NO_ROWS = {
    *("absent", "ahead", "config", "errors", "files", "layout", "parameters", "plan", "processes", "tracked")
}


def imported(path: Path) -> set[str]:
    """The modules and packages right below ml_etl that the file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "ml_etl":
            found |= set(node.module.split(".")[1:2] or [alias.name for alias in node.names])
    return found


def test_every_module_that_makes_rows_is_part_of_it() -> None:
    used = set().union(*(imported(path) for folder in FOLDERS for path in (PACKAGE / folder).rglob("*.py")))
    assert used - {*FOLDERS} - MAKE_NO_ROWS == {name.removesuffix(".py") for name in fingerprint._FILES}


@pytest.mark.parametrize("name", ["joins.py", "contracts/rows.py", "pipelines/articles/texts.py"])
def test_a_change_of_code_is_another_fingerprint(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "ml_etl", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "_PACKAGE", tmp_path / "ml_etl")
    before = fingerprint.code_of.__wrapped__("articles")
    with (tmp_path / "ml_etl" / name).open("a", encoding="utf-8") as stream:
        stream.write("# changed\n")
    assert fingerprint.code_of.__wrapped__("articles") != before
