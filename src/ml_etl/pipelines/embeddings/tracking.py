"""What MLflow is told of a run: what was embedded by what, how good it is, and things to look at."""

import html
import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from ml_etl.absent import Absent
from ml_etl.pipelines.embeddings.neighbours import Neighbours
from ml_etl.pipelines.embeddings.params import EmbeddingsParams
from ml_etl.pipelines.embeddings.space import Space
from ml_etl.plan import Plan
from ml_etl.tracked import TrackedRun

_SHOWN = 30
"""Articles whose neighbours a person can judge."""

_NEAREST = 5


def track(
    quality: dict[str, Any],
    card: dict[str, Any],
    text_facts: dict[str, Any],
    image_facts: dict[str, Any],
    neighbour_samples: str,
    map_figure: dict[str, Any],
    plan: Plan,
    params: EmbeddingsParams,
) -> TrackedRun:
    """Parameters and models, inputs by digest, every measure, the map, samples, the model card."""
    facts = {"text": text_facts, "image": image_facts}
    models = {space: asdict(fact["card"]) for space, fact in facts.items() if "card" in fact}
    return TrackedRun(
        dataset=plan.dataset,
        run_id=plan.run_id,
        version=plan.version,
        params=_flat({"model": models, "embeddings": params.model_dump(mode="json")}),
        inputs=_inputs(plan),
        metrics={**_numbers(quality), **_efforts(facts)},
        files={
            "map.html": _page(map_figure),
            "neighbours.html": neighbour_samples,
            "model_card.md": _model_card(card, quality),
        },
    )


def neighbour_samples(
    articles: pd.DataFrame, space: Space | Absent, neighbours: Neighbours | Absent, params: EmbeddingsParams
) -> str:
    """An HTML page: some articles, drawn by a fixed seed, with their nearest by text."""
    if isinstance(space, Absent) or isinstance(neighbours, Absent):
        return "<p>No article has a text.</p>"
    chance = np.random.default_rng(params.quality.seed)
    asked = np.sort(chance.choice(len(space), min(_SHOWN, len(space)), replace=False))
    texts = articles["text"].to_numpy()[space.first]
    rows = "".join(_sample(texts, int(row), neighbours) for row in asked)
    head = "<tr><th>article</th><th>nearest by text</th><th>cosine</th></tr>"
    return f"<meta charset='utf-8'><style>{_STYLE}</style><table>{head}{rows}</table>"


_STYLE = (
    "body{font:14px sans-serif}table{border-collapse:collapse}"
    "td,th{padding:4px 10px;text-align:left;vertical-align:top}tr.first td{border-top:1px solid #999}"
)


def _sample(texts: np.ndarray, row: int, neighbours: Neighbours) -> str:
    near = [
        (int(n), float(c)) for n, c in zip(neighbours.contents[row], neighbours.cosines[row], strict=True)
    ]
    lines = [(html.escape(texts[n]), f"{cosine:.3f}") for n, cosine in near[:_NEAREST] if n >= 0]
    own = f"<td rowspan='{len(lines)}'>{html.escape(texts[row])}</td>"
    cells = [f"<td>{text}</td><td>{cosine}</td></tr>" for text, cosine in lines]
    return f"<tr class='first'>{own}" + "<tr>".join(cells) if cells else ""


def _inputs(plan: Plan) -> dict[str, str]:
    """Releases and models by name: what the run stands on."""
    return {
        **plan.inputs.get("releases", {}),
        **plan.inputs.get("models", {}),
        "fingerprint": plan.fingerprint,
    }


def _efforts(facts: dict[str, dict[str, Any]]) -> dict[str, float]:
    return {
        f"{space}.{name}": float(value)
        for space, fact in facts.items()
        for name, value in fact.get("effort", {}).items()
    }


def _numbers(measures: dict[str, Any], prefix: str = "") -> dict[str, float]:
    """Every number of a nested dictionary, by its path."""
    found: dict[str, float] = {}
    for name, value in measures.items():
        if isinstance(value, dict):
            found |= _numbers(value, f"{prefix}{name}.")
        elif isinstance(value, int | float):
            found[f"{prefix}{name}"] = float(value)
    return found


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


def _page(figure: dict[str, Any]) -> str:
    """The figure as a page that needs no network."""
    from plotly.io import to_html

    return to_html(figure, include_plotlyjs=True, full_html=True, validate=False)


def _model_card(card: dict[str, Any], quality: dict[str, Any]) -> str:
    told = json.dumps({"spaces": card["spaces"], "quality": quality}, indent=1, ensure_ascii=False)
    return f"# Article embeddings\n\n{card['summary']}\n\n```json\n{told}\n```\n"
