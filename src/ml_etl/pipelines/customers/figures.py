"""Two pictures, as Plotly's own JSON: the RFM heat map and the profile of the segments.

They are written as plain dictionaries: nothing of Plotly's defaults, which change with its version, is in
their bytes.
"""

from typing import Any

import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.pipelines.customers.params import CustomersParams
from ml_etl.pipelines.customers.scaling import FEATURES

_FONT = {"family": "Helvetica, Arial, sans-serif", "size": 12}


def rfm_cells(features: ir.Table) -> ir.Table:
    """The end of the lazy part: one row per (r_score, f_score) with its buyers and their mean monetary."""
    buyers = features.filter(_.frequency.notnull())
    return (
        buyers.group_by("r_score", "f_score")
        .aggregate(buyers=_.count(), monetary=_.monetary.sum().cast("float64") / _.count())
        .order_by("r_score", "f_score")
    )


def rfm_heatmap(cells: pd.DataFrame, params: CustomersParams) -> dict[str, Any]:
    """A Plotly figure: buyers by recency and frequency score; each cell says its segments and mean spend."""
    scores = [1, 2, 3, 4, 5]
    found = {(int(c.r_score), int(c.f_score)): c for c in cells.itertuples()}
    everyone = int(cells["buyers"].sum())
    counts = [[int(found[r, f].buyers) if (r, f) in found else 0 for r in scores] for f in scores]
    spent = [
        [round(float(found[r, f].monetary), 2) if (r, f) in found else None for r in scores] for f in scores
    ]
    names = [[_names(r, f, params) for r in scores] for f in scores]
    text = [[f"<b>{counts[y][x]:,}</b><br>{'<br>'.join(names[y][x])}" for x in range(5)] for y in range(5)]
    heat = {
        "type": "heatmap",
        "x": scores,
        "y": scores,
        "z": counts,
        "text": text,
        "customdata": spent,
        "texttemplate": "%{text}",
        "textfont": {"size": 10},
        "hovertemplate": "R %{x}, F %{y}: %{z:,} buyers, mean spend %{customdata:,.2f}<extra></extra>",
        "colorscale": "Blues",
        "colorbar": {"title": {"text": "buyers"}},
        "xgap": 2,
        "ygap": 2,
    }
    axes = {"x": "recency score (5: bought last)", "y": "frequency score (5: most often)"}
    return _figure([heat], f"RFM: {everyone:,} buyers and their segments", axes)


def by_segment(profiles: ir.Table) -> ir.Table:
    """The end of the lazy part: the profiles by segment."""
    return profiles.order_by("segment")


def segment_picture(profiles: pd.DataFrame) -> dict[str, Any]:
    """A Plotly figure: what sets each segment apart, in standard deviations from the mean of all buyers."""
    segments = profiles.to_dict("records")
    features = [name for name in FEATURES if profiles[f"{name}_z"].notna().any()]
    z = [[round(float(row[f"{name}_z"]), 3) for name in features] for row in segments]
    rows = [
        f"segment {row['segment']} ({row['customer_count']:,}; {row['customer_share']:.0%})"
        for row in segments
    ]
    heat = {
        "type": "heatmap",
        "x": [name.replace("_", " ") for name in features],
        "y": rows,
        "z": z,
        "texttemplate": "%{z:.1f}",
        "hovertemplate": "%{y}: %{x} %{z:.2f} standard deviations<extra></extra>",
        "colorscale": "RdBu",
        "reversescale": True,
        "zmid": 0,
        "colorbar": {"title": {"text": "std"}},
        "xgap": 2,
        "ygap": 2,
    }
    title = "Segments: distance from the mean buyer, in standard deviations"
    return _figure([heat], title, {"x": "", "y": ""}, reverse=True)


def _names(r: int, f: int, params: CustomersParams) -> list[str]:
    """The segments of a cell's five monetary scores, those of the highest first."""
    by_score = {score: name for name, scores in params.named_scores.items() for score in scores}
    return list(dict.fromkeys(by_score[f"{r}{f}{m}"] for m in (5, 4, 3, 2, 1)))


def _figure(
    data: list[dict[str, Any]], title: str, axes: dict[str, str], reverse: bool = False
) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "title": {"text": title},
        "font": _FONT,
        "xaxis": {"title": {"text": axes["x"]}, "type": "category"},
        "yaxis": {"title": {"text": axes["y"]}, "type": "category", "automargin": True},
        "plot_bgcolor": "white",
        "paper_bgcolor": "white",
        "margin": {"t": 60, "l": 60, "r": 20, "b": 60},
    }
    if reverse:
        layout["yaxis"]["autorange"] = "reversed"
    return {"data": data, "layout": layout}
