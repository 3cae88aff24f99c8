"""The picture of the catalogue: what articles cost, and how long they live."""

from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

_TOP = 12


def shape_of_catalogue(articles: ir.Table) -> ir.Table:
    """The end of the lazy part: quartiles of price per product group, and articles by first and last week."""
    sold = articles.filter(_.first_sold.notnull())
    prices = (
        sold.filter(_.price.notnull())
        .group_by(label=_.product_group_name.fill_null("unknown"))
        .aggregate(
            n=_.count(),
            low=_.price.cast("float64").quantile(0.25),
            middle=_.price.cast("float64").median(),
            high=_.price.cast("float64").quantile(0.75),
        )
        .order_by(_.n.desc(), "label")
        .limit(_TOP)
        .mutate(kind=ibis.literal("price"))
    )
    weeks = [
        sold.group_by(label=sold[day].truncate("W").cast("string"))
        .aggregate(n=_.count())
        .mutate(
            low=ibis.null("float64"),
            middle=ibis.null("float64"),
            high=ibis.null("float64"),
            kind=ibis.literal(day),
        )
        for day in ("first_sold", "last_sold")
    ]
    columns = ("kind", "label", "n", "low", "middle", "high")
    tables = [table.select(*columns) for table in (prices, *weeks)]
    return ibis.union(*tables).order_by("kind", "label")


def price_and_lifecycle(shape: pd.DataFrame) -> dict[str, Any]:
    """A Plotly figure: the middle half of prices per product group beside first and last sales by week."""
    prices = shape[shape["kind"] == "price"].sort_values(["middle", "label"])
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": "middle half of prices",
            "y": prices["label"].tolist(),
            "base": prices["low"].tolist(),
            "x": (prices["high"] - prices["low"]).tolist(),
            "customdata": prices[["n", "middle"]].to_numpy().tolist(),
            "hovertemplate": "%{y}: median %{customdata[1]:.2f}, %{customdata[0]:,} articles<extra></extra>",
            "marker": {"color": "#9ecae1"},
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "median",
            "y": prices["label"].tolist(),
            "x": prices["middle"].tolist(),
            "hoverinfo": "skip",
            "marker": {"color": "#08519c", "size": 8},
        },
    ]
    for kind, name, colour in (
        ("first_sold", "first sold", "#31a354"),
        ("last_sold", "last sold", "#e6550d"),
    ):
        weeks = shape[shape["kind"] == kind].sort_values("label")
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": name,
                "x": weeks["label"].tolist(),
                "y": weeks["n"].tolist(),
                "xaxis": "x2",
                "yaxis": "y2",
                "line": {"color": colour},
            }
        )
    layout = {
        "title": {"text": "What articles cost, and when they are first and last sold"},
        "plot_bgcolor": "white",
        "xaxis": {"domain": [0, 0.42], "title": {"text": "price"}, "gridcolor": "#eeeeee"},
        "yaxis": {"automargin": True},
        "xaxis2": {"domain": [0.56, 1], "title": {"text": "week"}, "type": "date", "anchor": "y2"},
        "yaxis2": {
            "anchor": "x2",
            "title": {"text": "articles"},
            "type": "log",
            "dtick": 1,
            "gridcolor": "#eeeeee",
        },
        "legend": {"orientation": "h", "y": -0.2},
    }
    return {"data": traces, "layout": layout}
