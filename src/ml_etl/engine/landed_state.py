"""What is landed of a table, as `landed.json` says it: files, and how far the cursor has come."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ml_etl.files import digest


@dataclass(frozen=True)
class Part:
    """A landed file; of an append-only table its rows count where cursor < until (null: all)."""

    file: str
    sha256: str
    landed_at: str
    since: str | None = None
    until: str | None = None
    checksum: str = ""


@dataclass(frozen=True)
class Landed:
    """What is landed of one table: its parts, oldest first, and how far the cursor has come.

    `customer_key` names the key that customer_id is hashed with (null: it is not), `shop_folder` where the
    files of the shop lay (null: it has none).
    """

    parts: tuple[Part, ...] = ()
    cursor: str | None = None
    high_water: str | None = None
    absent: tuple[str, ...] = field(default=())
    customer_key: str | None = None
    shop_folder: str | None = None

    @property
    def version(self) -> str:
        """Changes exactly when the rows do."""
        return digest([(part.sha256, part.since, part.until, part.landed_at) for part in self.parts])[:16]

    @classmethod
    def read(cls, path: Path) -> "Landed":
        if not path.exists():
            return cls()
        content = json.loads(path.read_text("utf-8"))
        parts = tuple(Part(**part) for part in content.pop("parts"))
        return cls(parts=parts, **{**content, "absent": tuple(content["absent"])})


def overlaps(part: Part, since: str | None) -> bool:
    """Whether a part keeps rows when a new one takes over all rows from `since`."""
    return since is not None and (part.since is None or part.since < since)


def trimmed(part: Part, since: str | None) -> Part:
    """The part without the rows that a new one has taken over."""
    until = min(mark for mark in (part.until, since) if mark)
    return Part(**{**asdict(part), "until": until})


def worth_keeping(sizes: Sequence[int]) -> int:
    """How many of the oldest parts stay as they are when the others are joined.

    The newest part that is larger than all after it together stays, and what is older than it. So a part is
    written again only when about as much has come since.
    """
    for n in range(len(sizes) - 2, 0, -1):
        if sizes[n - 1] > sum(sizes[n:]):
            return n
    return 0
