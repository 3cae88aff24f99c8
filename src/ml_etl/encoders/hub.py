"""Models of the Hugging Face hub, by id and pinned revision; what is on this machine is not fetched again."""

import contextlib
import re
import threading
import urllib.error
import urllib.request
from pathlib import Path

from ml_etl.absent import Absent
from ml_etl.errors import UsageError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
_REVISION = re.compile(r"[0-9a-f]{40}")
_WAIT_SECONDS = 4.0


def is_id(model: str) -> bool:
    """Whether the name is one of the hub's: owner/name."""
    return bool(_ID.fullmatch(model))


def fetched(model: str, revision: str | None, files: list[str]) -> Path | Absent:
    """The folder with the model's files; Absent where they are not here and the hub can't be reached.

    `files` are the patterns of what is fetched: weights in other formats are not.

    Raises:
        UsageError: no revision, or one that can move (a branch), or one that the hub does not have.
    """
    if not revision or not _REVISION.fullmatch(revision):
        raise UsageError(
            f"{model}: there is no such path here, and a model of the hub needs its revision, the 40 digits "
            f"of a commit; came {revision}. A branch would be another model tomorrow."
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    with contextlib.suppress(LocalEntryNotFoundError):  # nothing, or a download that was interrupted
        return Path(snapshot_download(model, revision=revision, allow_patterns=files, local_files_only=True))
    if _reachable():
        return _download(model, revision, files)
    return Absent(f"{model} is not on this machine, and the model hub can't be reached")


def _download(model: str, revision: str, files: list[str]) -> Path | Absent:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    try:
        return Path(snapshot_download(model, revision=revision, allow_patterns=files))
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise UsageError(
            f"The model hub has no {model} at revision {revision}. A model of its own needs its own "
            f"revision: --params text_revision=…, image_revision=…."
        ) from error
    except Exception as error:  # the client's errors have no common base
        return Absent(f"{model} can't be fetched from the model hub ({type(error).__name__})")


def _reachable() -> bool:
    """Whether the hub answers within seconds: its client would try for minutes."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    answers: list[bool] = []
    asking = threading.Thread(target=_ask, args=(constants.ENDPOINT, answers), daemon=True)
    asking.start()
    asking.join(_WAIT_SECONDS)
    return bool(answers)


def _ask(address: str, answers: list[bool]) -> None:
    try:
        urllib.request.urlopen(address, timeout=_WAIT_SECONDS).close()
    except urllib.error.HTTPError:
        pass  # an answer, too
    except OSError:
        return
    answers.append(True)
