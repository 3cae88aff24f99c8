"""Three pictures, as Plotly's own JSON; their titles say so where reviews are simulated."""

from typing import Any

import pandas as pd

_COLOURS = {"positive": "#4daf4a", "neutral": "#bdbdbd", "negative": "#e41a1c"}
_FONT = {"family": "Helvetica, Arial, sans-serif", "size": 12}


def rating_distribution(ratings: pd.DataFrame) -> dict[str, Any]:
    """A Plotly figure: reviews per rating."""
    total = max(int(ratings["reviews"].sum()), 1)
    bars = {
        "type": "bar",
        "x": ratings["rating"].tolist(),
        "y": ratings["reviews"].tolist(),
        "text": [f"{n / total:.1%}" for n in ratings["reviews"]],
        "hovertemplate": "%{x} stars: %{y:,} reviews<extra></extra>",
        "marker": {"color": "#08519c"},
    }
    return _figure([bars], _title("Ratings", ratings), "stars", "reviews")


def sentiment_by_rating(ratings: pd.DataFrame) -> dict[str, Any]:
    """A Plotly figure: what VADER calls the texts of each rating, and the mean learned sentiment."""
    stars = ratings["rating"].tolist()
    known = ratings[list(_COLOURS)].sum(axis=1).replace(0, 1)
    bars = [
        {
            "type": "bar",
            "name": f"VADER: {label}",
            "x": stars,
            "y": [round(share, 4) for share in (ratings[label] / known).tolist()],
            "hovertemplate": f"%{{x}} stars: %{{y:.1%}} {label}<extra></extra>",
            "marker": {"color": colour},
        }
        for label, colour in _COLOURS.items()
    ]
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "learned sentiment, mean",
        "x": stars,
        "y": [None if pd.isna(mean) else round(float(mean), 4) for mean in ratings["learned"]],
        "line": {"color": "black"},
    }
    layout = {"barmode": "stack", "yaxis": {"tickformat": ".0%", "range": [0, 1]}}
    return _figure([*bars, line], _title("Sentiment by rating", ratings), "stars", "share of texts", layout)


def aspects_picture(aspects: pd.DataFrame, ratings: pd.DataFrame) -> dict[str, Any]:
    """A Plotly figure: per aspect the reviews that praise it (right) and complain of it (left)."""
    rows = aspects.iloc[::-1]
    sides = [
        ("praises", "praise", 1, _COLOURS["positive"]),
        ("complaints", "complaints", -1, _COLOURS["negative"]),
    ]
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": rows["aspect"].tolist(),
            "x": (sign * rows[column]).tolist(),
            "customdata": rows[column].tolist(),
            "hovertemplate": f"%{{y}}: %{{customdata:,}} reviews, {name}<extra></extra>",
            "marker": {"color": colour},
        }
        for column, name, sign, colour in sides
    ]
    layout = {"barmode": "relative", "yaxis": {"automargin": True}}
    return _figure(bars, _title("What reviews praise and complain of", ratings), "reviews", "", layout)


def _title(text: str, ratings: pd.DataFrame) -> str:
    reviews, made_up = int(ratings["reviews"].sum()), int(ratings["simulated"].sum())
    says = f" (SIMULATED: {'all' if made_up == reviews else f'{made_up:,}'})" if made_up else ""
    return f"{text}, {reviews:,} rated reviews{says}"


def _figure(
    data: list[dict[str, Any]], title: str, x: str, y: str, more: dict[str, Any] | None = None
) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "title": {"text": title},
        "font": _FONT,
        "xaxis": {"title": {"text": x}},
        "yaxis": {"title": {"text": y}, "gridcolor": "#eeeeee"},
        "plot_bgcolor": "white",
        "paper_bgcolor": "white",
        "legend": {"orientation": "h", "y": -0.2},
    }
    for name, value in (more or {}).items():
        layout[name] = {**layout[name], **value} if isinstance(value, dict) else value
    return {"data": data, "layout": layout}
