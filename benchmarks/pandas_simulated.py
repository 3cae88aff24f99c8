"""A simulated shop's purchase lines and customers, in the shape that the demo shop's have."""

import numpy as np
import pandas as pd

_UPPER = (0, 18, 24, 34, 44, 54, 64, 110)
_BANDS = ("0-18", "19-24", "25-34", "35-44", "45-54", "55-64", "65+")


def simulated_purchases(landed: dict[str, list[str]], day: pd.Timestamp) -> pd.DataFrame:
    """Purchase lines known before `day`: one unit each, merchandise all, with their age."""
    lines = pd.read_parquet(landed["transactions"], columns=["t_dat", "price", "sales_channel_id"])
    for name in ("customer_id", "article_id"):
        ids = pd.read_parquet(landed["transactions"], columns=[name], dtype_backend="pyarrow")[name]
        lines[name] = ids.astype("category")
    lines["t_dat"] = pd.to_datetime(lines["t_dat"])
    lines = lines[(lines["t_dat"] < day) & (lines["price"] >= 0)]
    lines["price"] = lines["line_value"] = lines["paid"] = lines["price"].round(12)
    lines["age"] = (day - lines["t_dat"]).dt.days - 1
    none = pd.Categorical.from_codes(np.full(len(lines), -1), [])
    return lines.assign(units=1, is_merchandise=True, regular_price=np.nan, basket_id=none)


def banded(customers: pd.DataFrame) -> pd.DataFrame:
    """Each customer's age band, which the demo shop has and a simulated one has not."""
    if "age_band" in customers:
        return customers[["customer_id", "age_band"]]
    bands = pd.cut(customers["age"], _UPPER, labels=_BANDS).astype("str")
    known = bands.where(customers["age"].between(1, 110), None)
    return pd.DataFrame({"customer_id": customers["customer_id"], "age_band": known})
