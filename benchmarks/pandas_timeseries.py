"""The time series in pandas, for the demo shop's columns and the parameters in conf/base."""

import math

import holidays
import numpy as np
import pandas as pd

SERIES = ["level", "unique_id"]
HORIZONS, LAGS, CYCLE = (1, 28), (1, 7, 14, 28), 364
HALF_LIFE, ENDED_AFTER = 7, 90
SHARES = ["display_share", "mailer_share", "coupon_share"]
_SUMS = ["units", "merchandise_units", "line_value", "priced_value", "priced_units"]
_SUMS += ["asked_value", "regular_value", "lines", "priced", "compared"]
_MEASURES = ["units", "merchandise_units", "lines", "revenue", "buyers", "mean_price", "discount_depth"]
_DAY = pd.Timedelta(days=1)


def catalogue(known: pd.DataFrame) -> pd.DataFrame:
    """Articles by id: their category, and whether they are merchandise."""
    table = known.set_index("article_id").sort_index()
    named = table["product_group_name"].fillna("UNKNOWN").astype("category")
    return pd.DataFrame({"category": named, "is_merchandise": table["is_merchandise"].fillna(True)})


def sold(lines: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """Purchase lines with their series, day and week, and what they add to each sum."""
    bought = lines[lines["units"] > 0]
    priced = bought["price"].notna() & (bought["line_value"] != 0)
    compared = priced & bought["regular_price"].notna()
    code = articles["category"].cat.codes.to_numpy()
    article = articles.index.get_indexer(bought["article_id"].cat.categories)[bought["article_id"].cat.codes]
    return pd.DataFrame(
        {
            "article": article.astype("int64"),
            "category": code[article].astype("int64"),
            "total": np.int64(0),
            "buyer": bought["customer_id"].cat.codes.astype("int64"),
            "ds": bought["t_dat"],
            "units": bought["units"],
            "merchandise_units": bought["units"].where(bought["is_merchandise"], 0),
            "line_value": bought["line_value"],
            "priced_value": bought["line_value"].where(priced, 0.0),
            "priced_units": bought["units"].where(priced, 0),
            "asked_value": bought["line_value"].where(compared, 0.0),
            "regular_value": (bought["regular_price"] * bought["units"]).where(compared, 0.0),
            "lines": np.int64(1),
            "priced": priced,
            "compared": compared,
        }
    )


def promo(landed: list[str], articles: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """One row per series and week with a promotion, sorted."""
    columns = ["article_id", "week", "display_share", "mailer_share", "coupon"]
    table = pd.read_parquet(landed, columns=columns).rename(columns={"coupon": "coupon_share"})
    table["week"] = _monday(pd.to_datetime(table["week"]))
    table["coupon_share"] = table["coupon_share"].fillna(False).astype("float64")
    table[SHARES] = table[SHARES].fillna(0.0).round(12)
    kept = (table["week"] < day) & table["article_id"].isin(articles.index)
    kept &= table["display_share"].between(0, 1) & table["mailer_share"].between(0, 1)
    table = table[kept].drop_duplicates(["article_id", "week"])
    table["category"] = articles["category"].reindex(table["article_id"]).to_numpy()
    sizes = articles.groupby("category", observed=True).size()
    groups = table.groupby(["category", "week"], observed=True)[SHARES].sum()
    size = sizes.reindex(groups.index.get_level_values("category").astype("str")).to_numpy()
    total = groups.groupby(level="week").sum() / len(articles)
    groups = groups.div(size, axis=0).reset_index().rename(columns={"category": "unique_id"})
    single = table.rename(columns={"article_id": "unique_id"}).drop(columns="category")
    return _levels(
        single.sort_values(["unique_id", "week"]),
        groups.astype({"unique_id": "str"}),
        total.reset_index().assign(unique_id="total"),
    )[[*SERIES, "week", *SHARES]]


def daily(lines: pd.DataFrame, promotions: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """One row per series and day with a purchase, promotions of its week beside it."""
    table = _at_levels(lines, articles)
    table["week"] = _monday(table["ds"])
    table = table.merge(promotions, on=[*SERIES, "week"], how="left", sort=False)
    told = table["week"].isin(promotions["week"].unique())
    for name in SHARES:
        table[name] = table[name].fillna(0.0).where(told)
    return table.drop(columns="week")


def weekly(lines: pd.DataFrame, articles: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """One row per series and week with a purchase."""
    table = _at_levels(lines.assign(ds=_monday(lines["ds"])), articles)
    table["is_complete"] = (table["ds"] >= lines["ds"].min()) & (table["ds"] + 7 * _DAY <= day)
    return table


def series(days: pd.DataFrame, articles: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """One row per series: its range and masks."""
    last_day, first_day = day - _DAY, days["ds"].min()
    goods = days["merchandise_units"] > 0
    grouped = days.assign(goods=goods).groupby(SERIES, observed=True)
    table = grouped.agg(
        first_sale=("ds", "min"), last_sale=("ds", "max"), sold_days=("ds", "size"), goods=("goods", "any")
    ).reset_index()
    known = articles.reindex(table["unique_id"].where(table["level"] == "article"))
    table["category"] = known["category"].astype("object").to_numpy()
    own = known["is_merchandise"].astype("object").to_numpy()
    table["is_merchandise"] = np.where(table["level"] == "article", own, table.pop("goods")).astype("bool")
    idle = (last_day - table["last_sale"]).dt.days
    late, ended = table["first_sale"] > first_day, idle > ENDED_AFTER
    opened = days.loc[days["level"] == "total", "ds"]
    closed = pd.date_range(first_day, last_day).difference(opened)
    return table.assign(
        first_day=table["first_sale"],
        last_day=last_day,
        days=(last_day - table["first_sale"]).dt.days + 1,
        idle_days=idle,
        before_launch_from=pd.Series(first_day, table.index).where(late),
        before_launch_to=(table["first_sale"] - _DAY).where(late),
        after_last_sale_from=(table["last_sale"] + _DAY).where(ended),
        after_last_sale_to=pd.Series(last_day, table.index).where(ended),
        shop_closed_days=len(closed) - closed.searchsorted(table["first_sale"]),
        out_of_stock_days=pd.array([None] * len(table), dtype="Int64"),
    )


def features(days: pd.DataFrame, ranges: pd.DataFrame) -> pd.DataFrame:
    """Per total and merchandise category, day and horizon what was known.

    Frames have a column per series. What is known at the end of a day depends on no horizon: it is told
    once, then moved down.
    """
    wanted = ranges[(ranges["level"] != "article") & ranges["is_merchandise"]].reset_index(drop=True)
    sold_days = days[days["level"] != "article"].merge(wanted[SERIES].assign(column=wanted.index), on=SERIES)
    span = pd.date_range(wanted["first_day"].min(), wanted["last_day"].max())
    wide = sold_days.pivot(index="ds", columns="column", values="merchandise_units")
    wide = wide.reindex(index=span, columns=wanted.index).fillna(0.0)
    begins = span.get_indexer(wanted["first_day"])
    told = _told(wide, np.arange(len(span))[:, None] - begins + 1)
    tables = []
    for horizon in HORIZONS:
        ahead = pd.date_range(span[0], periods=len(span) + horizon)
        column, row = np.nonzero(np.arange(len(ahead)) >= begins[:, None])
        values = {"y": wide.reindex(ahead), **{name: _moved(table, horizon) for name, table in told.items()}}
        table = pd.DataFrame({name: value.to_numpy()[row, column] for name, value in values.items()})
        table.insert(0, "ds", ahead[row])
        tables.append(table.assign(horizon=horizon, column=column))
    table = pd.concat(tables).sort_values(["column", "horizon", "ds"], ignore_index=True)
    table = table.join(wanted[SERIES], on="column").drop(columns="column")
    whole = ["y", "known_days", *(f"lag_{lag}" for lag in (*LAGS, CYCLE))]
    table["known_days"] = table["known_days"].fillna(0)
    table = table.astype(dict.fromkeys(whole, "Int64"))
    return table.merge(_calendar(table["ds"]), on="ds", how="left", sort=False)


def trending(days: pd.DataFrame, ranges: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Merchandise of the last 35 days by how it grew, and the rank of a week ago."""
    goods = ranges.loc[ranges["is_merchandise"] & (ranges["level"] != "total"), SERIES]
    recent = days[(days["merchandise_units"] > 0) & (days["ds"] >= day - 42 * _DAY)].merge(goods, on=SERIES)
    recent["age"] = (day - recent["ds"]).dt.days - 1
    now = _ranked(recent)
    before = _ranked(recent[recent["age"] >= 7].assign(age=recent["age"] - 7))
    earlier = now[SERIES].merge(before[[*SERIES, "rank"]], on=SERIES, how="left")["rank"]
    return now.assign(rank_delta=(earlier.astype("Int64") - now["rank"].to_numpy()).to_numpy())


def demand(weeks: pd.DataFrame, ranges: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Per merchandise series ADI, CV² and class over its whole weeks."""
    table = ranges.loc[ranges["is_merchandise"], [*SERIES, "first_day"]].reset_index(drop=True)
    begin = _monday(table.pop("first_day") + 6 * _DAY)
    end = day - day.dayofweek * _DAY
    table["weeks"] = ((end - begin).dt.days // 7).clip(lower=0)
    told = weeks.loc[weeks["is_complete"] & (weeks["merchandise_units"] > 0)]
    told = told[[*SERIES, "ds", "merchandise_units"]].merge(table[SERIES].assign(begin=begin), on=SERIES)
    told = told[told["ds"] >= told["begin"]].rename(columns={"merchandise_units": "total"})
    told["squares"] = told["total"] ** 2
    grouped = told.groupby(SERIES, sort=False)
    sums = grouped[["total", "squares"]].sum().assign(weeks_sold=grouped.size()).reset_index()
    table = table.merge(sums, on=SERIES, how="left", sort=False)
    table["weeks_sold"] = table["weeks_sold"].fillna(0).astype("int64")
    n, total, squares = table["weeks_sold"], table.pop("total"), table.pop("squares")
    table["adi"] = table["weeks"] / n.where(n > 0)
    table["cv2"] = n * (n * squares - total * total) / ((n - 1).where(n > 1) * total * total)
    rare, uneven = table["adi"] >= 1.32, table["cv2"] >= 0.49
    named = np.select([rare & uneven, rare, uneven], ["lumpy", "intermittent", "erratic"], "smooth")
    table["demand_class"] = pd.Series(named, table.index).where(n >= 2, None)
    return table


def _monday(days: pd.Series) -> pd.Series:
    return days - pd.to_timedelta(days.dt.dayofweek, unit="D")


def _levels(*tables: pd.DataFrame) -> pd.DataFrame:
    """The three levels' tables, each sorted, one after the other."""
    named = zip(("article", "category", "total"), tables, strict=True)
    both = pd.concat([table.assign(level=level) for level, table in named], ignore_index=True)
    return both.astype({"unique_id": "str"})


def _at_levels(lines: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    names = {
        "article": articles.index.to_numpy(),
        "category": articles["category"].cat.categories.to_numpy(),
        "total": np.array(["total"]),
    }
    tables = []
    for level, known in names.items():
        table = lines.groupby([level, "ds"])[_SUMS].sum()
        once = lines[[level, "ds", "buyer"]].drop_duplicates()
        table["buyers"] = once.groupby([level, "ds"]).size()
        table = table.reset_index()
        table["unique_id"] = known[table[level]]
        tables.append(table)
    table = _levels(*tables)
    table["revenue"] = table["line_value"].round(12)
    table["mean_price"] = table["priced_value"] / table["priced_units"].where(table["priced"] > 0)
    regular = table["regular_value"].where((table["compared"] > 0) & (table["regular_value"] != 0))
    table["discount_depth"] = 1 - table["asked_value"] / regular
    return table[[*SERIES, "ds", *_MEASURES]]


def _moved(table: pd.DataFrame, days: int) -> pd.DataFrame:
    """The table so many days later, the first ones empty."""
    return table.set_axis(table.index + days * _DAY).reindex(
        pd.date_range(table.index[0], periods=len(table) + days)
    )


def _told(y: pd.DataFrame, n: np.ndarray) -> dict[str, pd.DataFrame]:
    """What is known at the end of each day; `n` is the day's number within its series, below 1 before it."""
    found = {f"lag_{lag}": y.shift(lag - 1).where(n >= lag) for lag in LAGS}
    found[f"lag_{CYCLE}"] = y.shift(CYCLE - 1).where(n >= 2 * CYCLE)
    total, squares = y.cumsum(), (y * y).cumsum()
    for days in (7, 28):
        s, q = (sums - sums.shift(days, fill_value=0) for sums in (total, squares))
        found[f"rolling_mean_{days}"] = (s / days).where(n >= days)
        found[f"rolling_std_{days}"] = np.sqrt((days * q - s * s) / (days * (days - 1))).where(n >= days)
    weights = np.exp(-np.arange(28) * math.log(2) / HALF_LIFE)
    weighted = sum(y.shift(k, fill_value=0) * weight for k, weight in enumerate(weights))
    known = n >= 1
    found["ewm"] = (weighted / np.cumsum(weights)[np.clip(n, 1, 28) - 1]).where(known)
    found["expanding_mean"] = (total / np.maximum(n, 1)).where(known)
    found["known_days"] = pd.DataFrame(n, y.index, y.columns).where(known)
    return found


def _calendar(days: pd.Series) -> pd.DataFrame:
    table = pd.DataFrame({"ds": days.unique()})
    ds = table["ds"].dt
    angle = 2 * math.pi * (ds.month - 1) / 12
    named = holidays.country_holidays("US", years=ds.year.unique().tolist())
    return table.assign(
        dow=ds.dayofweek,
        week=ds.isocalendar().week,
        month=ds.month,
        month_sin=np.sin(angle).round(15),
        month_cos=np.cos(angle).round(15),
        is_holiday=table["ds"].isin(pd.to_datetime(list(named))),
    )


def _ranked(aged: pd.DataFrame) -> pd.DataFrame:
    recent = aged[aged["age"] < 35]
    units, week = recent["merchandise_units"], recent["age"] < 7
    found = recent[SERIES].assign(
        units_7d=units.where(week, 0),
        units_28d_before=units.where(~week, 0),
        hot=units * np.exp(recent["age"] * (-math.log(2) / HALF_LIFE)),
    )
    table = found.groupby(SERIES, as_index=False).sum()
    expected = table["units_28d_before"] / 4
    table["hot"] = table["hot"].round(9)
    table["growth"] = (table["units_7d"] + 3) / (expected + 3)
    table["z"] = ((table["units_7d"] - expected) / np.sqrt(expected + 1)).round(9)
    table = table.sort_values(
        ["level", "z", "hot", "unique_id"], ascending=[True, False, False, True], ignore_index=True
    )
    return table.assign(rank=table.groupby("level").cumcount() + 1)
