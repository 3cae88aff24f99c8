"""What a model's settings are, in globals.yml and on the command line."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ml_etl.errors import UsageError


class ModelSettings(BaseModel, extra="forbid"):
    """Which model, and how it computes."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    model: str
    revision: str | None = None
    weights_sha256: str | None = None
    architecture: str | None = None
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    threads: int | None = None


def settings_of(given: dict) -> ModelSettings:
    """The settings, judged.

    Raises:
        UsageError: an unknown key, or a value that can't be meant.
    """
    try:
        return ModelSettings(**given)
    except ValidationError as error:
        raise UsageError(f"encoders (conf/*/globals.yml or --params): {error}") from None
