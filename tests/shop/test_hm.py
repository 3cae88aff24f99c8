"""H&M's files, in their layout: CSV, ids with leading zeros, most columns optional."""

from pathlib import Path

import pytest

from tests.conftest import Data

ARTICLES = """article_id,product_code,prod_name,product_type_name,detail_desc
0108775015,0108775,Strap top,Vest top,"Jersey top, with narrow straps"
0111565001,0111565,20 den 1p,Underwear Tights,
"""
CUSTOMERS = f"""customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code
{"a" * 64},1.0,1.0,ACTIVE,Regularly,49.0,x
{"b" * 64},,,ACTIVE,NONE,,y
"""
TRANSACTIONS = f"""t_dat,customer_id,article_id,price,sales_channel_id
2018-09-20,{"a" * 64},0108775015,0.050830508474576264,2
2018-09-20,{"a" * 64},0108775015,0.050830508474576264,2
2018-09-21,{"b" * 64},0111565001,0.0169322033898305,
2018-09-22,{"b" * 64},0108775015,0.0508305084745762,1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (
        ("articles", ARTICLES),
        ("customers", CUSTOMERS),
        ("transactions_train", TRANSACTIONS),
    ):
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def test_hm_files_become_interactions(data: Data, folder: Path) -> None:
    data.run("interactions", env="hm", hm_folder=str(folder))
    release = data.released(env="hm")
    rows = release.read().to_pyarrow().to_pylist()
    assert [row["article_id"] for row in rows] == ["0108775015", "0108775015", "0111565001"]
    assert [row["purchase_count"] for row in rows] == [2, 1, 1]
    assert str(rows[0]["total_spent"]) == "0.101661016950"  # 2 × 0.050830508475: twelve digits a row
    assert [row["online_share"] for row in rows] == [1.0, 0.0, None]
    bands = {row["age_band"] for row in release.read("popularity").to_pyarrow().to_pylist()}
    assert bands == {"ALL", "45-54", "UNKNOWN"}


def test_the_folder_is_asked_for(data: Data) -> None:
    result = data.kedro("run", "--env", "hm")
    assert result.returncode == 2
    assert "--params hm_folder=PATH" in result.stderr
    assert "Traceback" not in result.stderr
