"""What a card holds up is printed at a run's end; a card that holds up nothing prints nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ml_etl.run.highlights import highlights
from ml_etl.run.outcome import Outcome
from ml_etl.store.manifest import Entry, File, Manifest

TABLE = {
    "title": "Ratings",
    "columns": ["stars", "reviews"],
    "rows": [["★", "12"], ["[bold]", "3"]],
    "note": "",
}


class _Plan:
    dataset = "letters"


def outcome(folder: Path, card: dict[str, Any] | None, absent: str = "") -> Outcome:
    """A committed version v1 whose card says this; without one, there is no card."""
    version = folder / "v1"
    version.mkdir()
    (version / "card.json").write_text(json.dumps(card))
    file = File("v1/card.json", 1, "")
    entry = Entry("card", "json", file.path, None, 1, "", {}, (file,), absent)
    entries = {} if card is None else {"card": entry}
    manifest = Manifest("letters", "v1", "v1", "", "", "", {}, {}, {}, entries)
    return Outcome(_Plan(), manifest, version)  # type: ignore[arg-type]


def printed(what: Outcome, width: int = 100) -> str:
    screen = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    for part in highlights(what, screen):
        screen.print(part)
    return screen.export_text()


def card(**changed: Any) -> dict[str, Any]:
    return {"highlights": {"title": "15 letters", "warning": "", "tables": [TABLE], **changed}}


def test_title_warning_and_rows_are_printed_as_they_are(tmp_path: Path) -> None:
    text = printed(outcome(tmp_path, card(warning="SIMULATED: all of them")))
    for said in ("letters: 15 letters", "SIMULATED: all of them", "Ratings", "★", "[bold]", "12"):
        assert said in text


def test_no_warning_no_frame(tmp_path: Path) -> None:
    assert "╭" not in printed(outcome(tmp_path, card()))


@pytest.mark.parametrize(("width", "lines"), [(100, 1), (24, 2)])
def test_tables_stand_side_by_side_where_there_is_room(tmp_path: Path, width: int, lines: int) -> None:
    text = printed(outcome(tmp_path, card(tables=[TABLE, TABLE])), width)
    assert sum("Ratings" in line for line in text.splitlines()) == lines


@pytest.mark.parametrize("held", [None, {}, {"highlights": None}])
def test_nothing_held_up_prints_nothing(tmp_path: Path, held: dict[str, Any] | None) -> None:
    assert printed(outcome(tmp_path, held)) == ""


def test_a_card_that_was_left_out_prints_nothing(tmp_path: Path) -> None:
    assert printed(outcome(tmp_path, card(), absent="too large")) == ""


def test_a_run_in_part_prints_nothing() -> None:
    assert printed(Outcome(_Plan(), None)) == ""  # type: ignore[arg-type]
