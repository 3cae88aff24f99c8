"""One CSV in the layout of the women's clothing reviews, with and without H&M's files beside it."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ml_etl.errors import EtlError, SchemaDrift, SourceUnreachable, UsageError
from tests.conftest import Data

HEAD = (
    ",Clothing ID,Age,Title,Review Text,Rating,Recommended IND,Positive Feedback Count,"
    "Division Name,Department Name,Class Name\n"
)
ROWS = """0,767,33,,Absolutely wonderful,4,1,0,Initmates,Intimate,Intimates
1,1080,34,"Love, love","She said ""wow"".
Twice.",5,1,4,General,Dresses,Dresses
2,1080,60,Flaws,Too tight,3,0,0,General Petite,Dresses,Dresses
3,1080,41,,,2,0,1,General Petite,Dresses,Dresses
4,9,28,Odd,No class,5,1,0,,,
"""


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "clothes.csv"
    path.write_text(HEAD + ROWS)
    return path


def landed(data: Data, table: str) -> list[dict[str, Any]]:
    folder = data.folder / "02_intermediate" / "hm" / "landing" / table
    return pq.read_table(next(folder.glob("*.parquet"))).to_pylist()


def land(data: Data, path: Path, **params: Any) -> None:
    """The nodes of the pipeline reviews that land, and no others."""
    from kedro.framework.startup import bootstrap_project

    from ml_etl.run.session import EtlSession
    from tests.conftest import PROJECT

    bootstrap_project(PROJECT)
    with EtlSession.create(project_path=PROJECT, env="hm") as session:
        given = {"reviews_csv": str(path), **params}
        session.run(pipeline_names=["reviews"], tags=["landing"], runtime_params=given)


def test_columns_become_the_source_tables(data: Data, csv: Path) -> None:
    land(data, csv)
    rows = {row["review_id"]: row for row in landed(data, "reviews")}
    assert list(rows) == ["0", "1", "2", "3", "4"]
    assert rows["1"] | {"landed_at": None} == {
        "review_id": "1",
        "article_id": "1080",
        "rating": 5.0,
        "title": "Love, love",
        "review_text": 'She said "wow".\nTwice.',
        "recommended": True,
        "helpful_count": 4.0,
        "reviewer_age": 34.0,
        "category_name": "Dresses",
        "pii_found": False,
        "landed_at": None,
    }
    assert (rows["0"]["title"], rows["3"]["review_text"], rows["3"]["recommended"]) == (None, None, False)


def test_articles_are_those_the_reviews_name(data: Data, csv: Path) -> None:
    land(data, csv)
    found = {row["article_id"]: row for row in landed(data, "articles")}
    groups = {name: (row["index_group_name"], row["product_group_name"]) for name, row in found.items()}
    assert groups == {
        "767": ("Initmates", "Intimate"),
        "1080": ("General Petite", "Dresses"),  # two of its three reviews say so
        "9": (None, None),
    }


def test_beside_hms_folder_its_articles_count(data: Data, csv: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hm"
    folder.mkdir()
    (folder / "articles.csv").write_text("article_id,prod_name\n0108775015,Strap top\n")
    land(data, csv, hm_folder=str(folder))
    assert [row["article_id"] for row in landed(data, "articles")] == ["0108775015"]
    assert len(landed(data, "reviews")) == 5


def test_bytes_that_are_no_utf8_are_replaced(data: Data, csv: Path) -> None:
    csv.write_bytes((HEAD + ROWS).encode().replace(b"Too tight", b"Too \xed\xa0\xbd tight"))
    land(data, csv)
    assert {row["review_text"] for row in landed(data, "reviews")} >= {"Too \ufffd tight", None}
    assert len(landed(data, "articles")) == 3


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (HEAD.replace("Review Text", "Words") + ROWS, SchemaDrift, "missing: Review Text; came"),
        (HEAD[1:] + "767,33,a,b,4,1,0,x,y,z\n", SchemaDrift, "the first one"),
        (HEAD + ROWS.replace(",4,1,0,Init", ",four,1,0,Init"), SchemaDrift, "four"),
        ("", EtlError, "."),
    ],
    ids=["a column missing", "no row numbers", "a word for a number", "nothing"],
)
def test_another_layout_is_refused(data: Data, csv: Path, text: str, kind: type[EtlError], said: str) -> None:
    csv.write_text(text)
    with pytest.raises(kind, match=said):
        land(data, csv)


def test_no_such_file_and_no_shop_at_all(data: Data, csv: Path) -> None:
    with pytest.raises(SourceUnreachable, match="no such file"):
        land(data, csv.with_name("none.csv"))
    with pytest.raises(UsageError, match="hm_folder"):
        data.run("interactions", env="hm", reviews_csv=str(csv))
