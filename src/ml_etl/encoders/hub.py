"""Models of the Hugging Face hub, by id and pinned revision; what is on this machine is not fetched again."""

import re
import threading
import urllib.request
from pathlib import Path

from ml_etl.absent import Absent
from ml_etl.errors import UsageError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
_REVISION = re.compile(r"[0-9a-f]{40}")
_WAIT_SECONDS = 5.0


def is_id(model: str) -> bool:
    """Whether the name is one of the hub's: owner/name."""
    return bool(_ID.fullmatch(model))


def fetched(model: str, revision: str | None, files: list[str]) -> Path | Absent:
    """The folder with the model's files, fetched where they are not on this machine yet.

    Raises:
        UsageError: no revision, or one that can move (a branch).
    """
    if not revision or not _REVISION.fullmatch(revision):
        raise UsageError(
            f"{model}: a model of the hub needs its revision, the 40 digits of a commit; came {revision}. "
            f"A branch would be another model tomorrow."
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, revision=revision, allow_patterns=files, local_files_only=True))
    except LocalEntryNotFoundError:
        if not _reachable():
            return Absent(f"{model} is not on this machine, and the model hub can't be reached")
    try:
        return Path(snapshot_download(model, revision=revision, allow_patterns=files))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        return Absent(f"{model} can't be fetched from the model hub ({type(error).__name__})")


def _reachable() -> bool:
    """Whether the hub answers within seconds: its client would try for minutes."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    answered = threading.Event()
    threading.Thread(target=_ask, args=(constants.ENDPOINT, answered), daemon=True).start()
    return answered.wait(_WAIT_SECONDS)


def _ask(address: str, answered: threading.Event) -> None:
    try:
        with urllib.request.urlopen(address, timeout=_WAIT_SECONDS):
            answered.set()
    except OSError:
        return
