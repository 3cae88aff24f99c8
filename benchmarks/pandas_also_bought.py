"""Articles bought together, in pandas: merges in blocks of articles."""

import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

MIN_SUPPORT, TOP, MAX_ITEMS = 3, 20, 200
PAIRS_PER_BLOCK = 20_000_000
GIVE_UP_SECONDS = 600


def also_bought(lines: pd.DataFrame) -> pd.DataFrame:
    """Per article the 20 others met most, by cosine, ties by id; sorted.

    Raises:
        TimeoutError: it takes more than ten minutes.
    """
    bought, ids = _bought(lines)
    units = bought["unit"].nunique()
    bought = _capped(bought)
    sold = bought["item"].value_counts()
    frequent = bought[bought["item"].isin(sold.index[sold >= MIN_SUPPORT])]
    found = pd.concat([_best(pairs, sold) for pairs in _counts(frequent)], ignore_index=True)
    found = found.sort_values(["item", "rank"], ignore_index=True)
    n_item, n_other = found["item"].map(sold), found["other"].map(sold)
    support = found["support"]
    return pd.DataFrame(
        {
            "article_id": ids[found["item"]],
            "related_article_id": ids[found["other"]],
            "support": support,
            "cosine": support / np.sqrt(n_item * n_other),
            "jaccard": support / (n_item + n_other - support),
            "lift": support * units / (n_item * n_other),
            "rank": found["rank"],
        }
    )


def _bought(lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.Index]:
    """The distinct (unit, item) of merchandise as numbers, and the items' ids in order."""
    goods = lines[(lines["units"] > 0) & lines["is_merchandise"]]
    basket = goods["basket_id"].cat.codes.astype("int64")
    own_day = goods["customer_id"].cat.codes.astype("int64") * 100_000 + goods["age"]
    unit = basket.where(basket >= 0, -1 - own_day)
    item = goods["article_id"].cat.codes.astype("int32")
    pairs = pd.DataFrame({"unit": pd.factorize(unit)[0].astype("int32"), "item": item})
    return pairs.drop_duplicates(), goods["article_id"].cat.categories


def _capped(bought: pd.DataFrame) -> pd.DataFrame:
    """Units of more than 200 items keep their best sellers."""
    size = bought.groupby("unit")["item"].transform("size")
    if not (size > MAX_ITEMS).any():
        return bought
    sold = bought["item"].map(bought["item"].value_counts())
    ordered = bought.assign(sold=sold).sort_values(["unit", "sold", "item"], ascending=[True, False, True])
    return ordered[ordered.groupby("unit").cumcount() < MAX_ITEMS][["unit", "item"]]


def _counts(bought: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Blocks of articles: (item, other, support), support at least 3."""
    began, n_items = time.monotonic(), int(bought["item"].max()) + 1
    size = bought.groupby("unit")["item"].transform("size")
    blocks = int(np.ceil(size.sum() / PAIRS_PER_BLOCK))
    for block in range(blocks):
        if time.monotonic() - began > GIVE_UP_SECONDS:
            raise TimeoutError(f"given up after {GIVE_UP_SECONDS} s in block {block + 1} of {blocks}")
        some = bought[bought["item"] % blocks == block]
        met = some.merge(bought.rename(columns={"item": "other"}), on="unit")
        met = met[met["item"] != met["other"]]
        counts = (met["item"].astype("int64") * n_items + met["other"]).value_counts(sort=False)
        counts = counts[counts >= MIN_SUPPORT]
        keys = counts.index.to_numpy()
        yield pd.DataFrame({"item": keys // n_items, "other": keys % n_items, "support": counts.to_numpy()})


def _best(pairs: pd.DataFrame, sold: pd.Series) -> pd.DataFrame:
    """The best others per article; for one article cosine orders as support²/n does."""
    order = pairs["support"] * pairs["support"] / pairs["other"].map(sold)
    pairs = pairs.assign(order=order).sort_values(["item", "order", "other"], ascending=[True, False, True])
    pairs["rank"] = pairs.groupby("item").cumcount() + 1
    return pairs[pairs["rank"] <= TOP].drop(columns="order")
