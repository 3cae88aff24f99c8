"""schema.sql in its statements: what makes a table, and what is added to it when its rows are in."""

import re
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("schema.sql")
_TABLE = re.compile(r"CREATE TABLE (\w+) \((.*)\)", re.DOTALL)
_AFTER = re.compile(r"(?:ALTER TABLE|CREATE INDEX ON) (\w+)")
_COLUMN = re.compile(r"^\s*(\w+)\s+([a-z ]+?)\s*$")


@dataclass(frozen=True)
class TableSchema:
    """One table: the statement that makes it, its columns and their types, and keys and indexes."""

    name: str
    create: str
    columns: dict[str, str]
    after: tuple[str, ...]


def shop_schema() -> dict[str, TableSchema]:
    """The tables of schema.sql, by name, in its order."""
    statements = [part.strip() for part in _without_comments().split(";") if part.strip()]
    created = [(match, text) for text in statements if (match := _TABLE.fullmatch(text))]
    return {
        match[1]: TableSchema(match[1], text, _columns(match[2]), _after(statements, match[1]))
        for match, text in created
    }


def _without_comments() -> str:
    return re.sub(r"--.*", "", _FILE.read_text("utf-8"))


def _columns(body: str) -> dict[str, str]:
    found = [_COLUMN.match(line) for line in body.split(",")]
    return {match[1]: match[2] for match in found if match}


def _after(statements: list[str], table: str) -> tuple[str, ...]:
    return tuple(text for text in statements if (match := _AFTER.match(text)) and match[1] == table)
