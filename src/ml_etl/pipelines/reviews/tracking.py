"""What an experiment tracker is told: models, how well they tell good from bad, a page to look at."""

import json
from typing import Any

from ml_etl.pipelines.reviews.params import ReviewsParams
from ml_etl.plan import Plan
from ml_etl.tracked import TrackedRun

_PARTS = ("flags", "language", "learned", "summary", "search")


def track(
    card: dict[str, Any],
    aspects_picture: dict[str, Any],
    effort: dict[str, float],
    plan: Plan,
    params: ReviewsParams,
) -> TrackedRun:
    """Parameters and the encoder, inputs by digest, every measure, the aspects as a page, the model card."""
    return TrackedRun(
        dataset=plan.dataset,
        run_id=plan.run_id,
        version=plan.version,
        params=_parameters(card, params),
        inputs=_inputs(plan),
        metrics=_metrics(card) | {f"encoding.{name}": float(value) for name, value in effort.items()},
        files={"aspects.html": _page(aspects_picture), "model_card.md": _model_card(card)},
    )


def _parameters(card: dict[str, Any], params: ReviewsParams) -> dict[str, Any]:
    encoder = {f"encoder.{name}": value for name, value in card["vectors"]["model"].items()}
    parts = params.model_dump(mode="json", include=set(_PARTS))
    ours = {f"{part}.{name}": value for part in _PARTS for name, value in parts[part].items()}
    return {"shop_kind": params.shop_kind, "category": params.category, **encoder, **ours}


def _inputs(plan: Plan) -> dict[str, str]:
    """What is landed, and the model: digests by name."""
    return {
        **plan.inputs.get("landing", {}),
        **plan.inputs.get("models", {}),
        "fingerprint": plan.fingerprint,
    }


def _metrics(card: dict[str, Any]) -> dict[str, float]:
    quality = {
        f"{sentiment}.{name}": value
        for sentiment, measures in card["sentiment"].items()
        for name, value in measures.items()
    }
    counts = {f"count.{name}": value for name, value in card["counts"].items()}
    told = quality | counts | {"simulated_share": card["simulated_share"]}
    return {name: float(value) for name, value in told.items() if value is not None}


def _page(figure: dict[str, Any]) -> str:
    """The figure as a page that needs no network."""
    from plotly.io import to_html

    return to_html(figure, include_plotlyjs=True, full_html=True, validate=False)


def _model_card(card: dict[str, Any]) -> str:
    told = {name: card[name] for name in ("sentiment", "learned_model", "vectors", "counts")}
    says = f"**{card['simulated']}.**\n\n" if card["simulated"] else ""
    return f"# Reviews\n\n{says}```json\n{json.dumps(told, indent=1, ensure_ascii=False)}\n```\n"
