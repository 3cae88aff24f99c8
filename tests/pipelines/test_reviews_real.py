"""4,000 real clothing reviews, where a copy lies beside the project: the figures the project promises.

They may not be copied into it (their licence); ML_ETL_TEST_REVIEWS names the file where it lies elsewhere.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.conftest import PROJECT, Data

_BESIDE = PROJECT.parent / "shared" / "data" / "reviews" / "womens_clothing_reviews_4000.csv"
CSV = Path(os.environ.get("ML_ETL_TEST_REVIEWS", _BESIDE))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CSV.is_file(), reason=f"no clothing reviews at {CSV} (ML_ETL_TEST_REVIEWS)"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Data, subprocess.CompletedProcess[str]]:
    data = Data(tmp_path_factory.mktemp("clothes"))
    given = f"reviews_csv={CSV}"
    return data, data.kedro("run", "--env", "hm", "--pipelines", "reviews", "--params", given)


@pytest.fixture(scope="module")
def release(run: tuple[Data, Any], monkeypatch_module: pytest.MonkeyPatch) -> Any:
    data, result = run
    assert result.returncode == 0, result.stdout + result.stderr
    monkeypatch_module.setenv("ML_ETL_DATA", str(data.folder))
    return data.released("reviews", env="hm")


@pytest.fixture(scope="module")
def sided(release: Any) -> pd.DataFrame:
    """Reviews of four or five, one or two stars, with the CSV's own rows beside them."""
    rows = release.read().to_pandas().set_index("review_id")
    told = pd.read_csv(CSV, index_col=0)
    told.index = told.index.astype(str)
    assert set(rows.index) == set(told.index)
    whole = rows.join(told)
    return whole[whole.Rating != 3]


def test_vader_tells_good_from_bad(sided: pd.DataFrame) -> None:
    told = sided[sided.vader_compound.notna()]
    assert len(told) > 3300
    assert roc_auc_score(told.Rating >= 4, told.vader_compound) >= 0.84


def test_what_is_learned_tells_it_better(sided: pd.DataFrame) -> None:
    told = sided[sided.learned_sentiment.notna()]
    assert len(told) > 3300
    assert roc_auc_score(told.Rating >= 4, told.learned_sentiment) >= 0.955
    right = (told.learned_sentiment >= 0.5) == (told.Rating >= 4)
    balanced = right.groupby(told.Rating >= 4).mean().mean()
    assert balanced > 0.84  # always-positive has .5


def test_the_run_prints_both(run: tuple[Data, Any], release: Any) -> None:
    quality, shown = release.read("card")["sentiment"], run[1].stdout
    for name in ("vader_compound", "learned_sentiment"):
        assert f"{quality[name]['auc']:.3f}" in shown
        assert f"{quality[name]['balanced_accuracy']:.3f}" in shown
    assert "SIMULATED" not in shown


def test_without_dates_and_customers_what_needs_them_is_null(release: Any) -> None:
    rows = release.read().to_pandas()
    empty = ["customer_id", "created_at", "created_on", "review_age_days"]
    assert rows[empty].isna().all().all()
    articles = release.read("article_sentiment").to_pandas()
    assert articles[["rating_slope_30d", "rating_slope_90d", "first_review_on"]].isna().all().all()
    assert set(rows.category) >= {"Dresses", "Tops", "Bottoms"}


def test_sizes_agree_with_how_people_rate(release: Any) -> None:
    """Nothing here knows which words are meant; people who say a size is wrong rate lower."""
    said = release.read("aspects").to_pandas()
    rating = release.read().to_pandas().set_index("review_id").rating
    sizes = said[said["size"].notna()].assign(rating=lambda s: s.review_id.map(rating))
    mean = sizes.groupby("size").rating.mean()
    assert set(mean.index) == {"small", "true", "large"}
    assert mean["true"] > mean["small"] + 0.2 and mean["true"] > mean["large"] + 0.2


def test_praise_and_complaints_follow_the_stars(release: Any) -> None:
    said = release.read("aspects").to_pandas()
    rating = release.read().to_pandas().set_index("review_id").rating
    told = said.assign(rating=said.review_id.map(rating))
    means = told.pivot_table(index="aspect", columns="polarity", values="rating")
    assert (means["positive"] > means["negative"]).all(), means
