"""E-mails and phone numbers are masked where the table leaves the shop; nothing stored ever held them."""

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml_etl.contracts.masking import has_personal_data, masked
from tests.conftest import Data
from tests.shops import Shop

CANARY, NUMBER = "canary.bird+7@mine.example.org", "+49 171 9998887"
MASKED = {
    "write to anna@example.com please": "write to [email] please",
    "ANNA.K+shop@mail.Example.co.uk!": "[email]!",
    "müller_7@bücher.example": "[email]",
    "call +49 171 1234567 now": "call [phone] now",
    "(614) 555-0100": "[phone]",
    "614-555-0100": "[phone]",
    "6145550100": "[phone]",
    "1-800-555-0199": "[phone]",
    "+1 (614) 555-0100": "[phone]",
    "0171/1234567": "[phone]",
    "(020) 7946 0958": "[phone]",
    "614\n555 0100": "[phone]",
    "a@b.example, 614.555.0100": "[email], [phone]",
    # Signs that look like others, or like nothing: no-break spaces, dashes, zero-width spaces, wide signs.
    "614\u200b-555-0100 now": "[phone] now",
    "call (614)\u00a0555\u20110100": "call [phone]",
    "614–555–0100": "[phone]",
    "614   555\t\t0100": "[phone]",
    "614\n\n\n555 0100": "[phone]",
    "two\nlines, 614–555–0100": "two\nlines, [phone]",
    "+49\u00a0171\u00a01234567": "[phone]",
    "+49\u2009171\u202f123\u20114567.": "[phone].",
    "０６１４５５５０１００": "[phone]",
    "＋４９（１７１）１２３４５６７": "[phone]",
    "٠١٧١ ١٢٣٤٥٦٧": "[phone]",
    "john\u200b@example.com": "[email]",
    "to jo\u00adhn@\u2060example\u200b.com": "to [email]",
    "john＠example．com": "[email]",
    "jose\u0301@example.com": "[email]",
}
LEFT = (
    *("I am 5'4, 130 lbs, 34-28-36", "on 2017-12-31 at 10:30", "01/10/2015", "12.10.2015"),
    *("$1,000,000.00", "size 0-2-4", "in 2016 2017", "1234 5678", "32/34 30/32", "me @ home", "4@5", ""),
    *("sizes 10 – 12, 34–36–38", "2016–2017", "2017‑12‑31\u00a010:30", "€\u00a01\u202f000\u202f000,00"),
    *("２０１７年１２月３１日", "１，０００円", "👩\u200d🔬  wrote\u00a0– this", "me ＠ home"),
)


@pytest.mark.parametrize(("text", "expected"), MASKED.items())
def test_masked(text: str, expected: str) -> None:
    assert both(text) == (expected, True)


@pytest.mark.parametrize("text", LEFT)
def test_left_alone(text: str) -> None:
    assert both(text) == (text, False)


def test_what_was_masked_holds_nothing_more() -> None:
    """Whatever stands beside a number; the contract asks of the masked text whether something is in it."""
    draw, signs = random.Random(20170101), "01234567890123456789+-(). \n@a.b\u200b\u00a0＠０–"
    texts = ["".join(draw.choices(signs, k=draw.randint(5, 45))) for _ in range(20_000)]
    row = ibis.memtable(pa.table({"text": texts}))
    found = row.select(before=has_personal_data(row.text), after=has_personal_data(masked(row.text)))
    assert found.before.sum().to_pyarrow().as_py() > 2_000
    assert not found.after.any().to_pyarrow().as_py()


def both(text: str) -> tuple[str, bool]:
    row = ibis.memtable(pa.table({"text": [text]}))
    found = row.select(text=masked(row.text), flag=has_personal_data(row.text)).to_pyarrow().to_pylist()
    return found[0]["text"], found[0]["flag"]


def reviews(**columns: Any) -> pa.Table:
    """r1 says everything, r2 nothing, r3 says it in a row that is rejected."""
    told = f"Nice. Write to {CANARY} or call {NUMBER}."
    rows = [
        {"review_id": "r1", "article_id": "001", "rating": 5, "title": CANARY, "review_text": told},
        {"review_id": "r2", "article_id": "001", "rating": 5, "title": None, "review_text": None},
        {"review_id": "r3", "article_id": "001", "rating": 6, "title": "call", "review_text": NUMBER},
    ]
    return pa.Table.from_pylist([{**row, "created_at": dt.datetime(2020, 1, 5), **columns} for row in rows])


@pytest.mark.slow
def test_nothing_stored_ever_held_it(data: Data, shop: Shop) -> None:
    """Every file below the data folder, as bytes; Parquet also as the rows it decompresses to."""
    shop.put("reviews", reviews())
    data.run("reviews", env="files", staging={"ceilings": {"reviews": 0.5}}, **shop.params)
    files = [path for path in data.folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        assert not any(secret in _content(path) for secret in (CANARY.encode(), NUMBER.encode())), path
    rows = {row["review_id"]: row for row in data.released("reviews").read().to_pyarrow().to_pylist()}
    assert rows["r1"]["sentiment_text"] == "[email]. Nice. Write to [email] or call [phone]."
    assert [rows[name]["pii_found"] for name in ("r1", "r2")] == [True, False]
    quarantined = next(data.folder.rglob("quarantine/*/reviews.parquet"))
    (rejected,) = pq.read_table(quarantined).to_pylist()
    assert (rejected["rule"], json.loads(rejected["row"])["review_text"]) == ("rating_range", "[phone]")


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    if path.suffix != ".parquet":
        return raw
    return raw + str(duckdb.sql(f"SELECT * FROM '{path}'").fetchall()).encode()


def test_a_flag_of_the_shop_survives(data: Data, shop: Shop) -> None:
    """The shop masked its reviews itself, and says so."""
    told = reviews().drop_columns(["pii_found"] if "pii_found" in reviews().column_names else [])
    told = told.append_column("pii_found", pa.array([False, True, None]))
    shop.put("reviews", told)
    data.run("landing", env="files", **shop.params)
    landed = next((data.folder / "02_intermediate" / "files" / "landing" / "reviews").glob("*.parquet"))
    assert pq.read_table(landed)["pii_found"].to_pylist() == [True, True, True]
