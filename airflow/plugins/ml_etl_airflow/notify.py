"""Who is told when a DAG fails, and when it is well again: apprise URLs from the environment."""

import logging
import os
import re
from typing import Any

from airflow.sdk import Variable

URLS = "ML_ETL_NOTIFY_URLS"
"""Separated by blanks: mailto://…, json://…, https://hooks.slack.com/services/…, any that apprise knows."""

_log = logging.getLogger(__name__)


def failed(context: Any) -> None:
    """A task failed for good, no retry is left."""
    ti = context["ti"]
    _remember(ti.dag_id, ti.task_id)
    why = str(context.get("exception") or "it was killed, or its time was over")
    _tell(f"{ti.dag_id} failed", f"Task {ti.task_id} of {ti.run_id}: {why}\n{_link(ti)}", "failure")


def recovered(context: Any) -> None:
    """A DAG's last task succeeded: say so if the run before it failed."""
    ti = context["ti"]
    if task := Variable.get(_key(ti.dag_id), default=None):
        Variable.delete(_key(ti.dag_id))
        _tell(f"{ti.dag_id} is well again", f"{ti.run_id} succeeded after {task} had failed.", "success")


def _remember(dag_id: str, task_id: str) -> None:
    try:
        Variable.set(_key(dag_id), task_id)
    except Exception as error:  # the message matters more than the next one
        _log.warning("That %s failed can't be kept (%s).", dag_id, type(error).__name__)


def _key(dag_id: str) -> str:
    return f"ml_etl_failed_{dag_id}"


def _link(ti: Any) -> str:
    return getattr(ti, "log_url", "") or ""


def _tell(title: str, body: str, kind: str) -> None:
    """Send to every URL; one that can't be reached is warned of, and never named: it may hold a token."""
    urls = re.split(r"[\s,]+", os.environ.get(URLS, "").strip())
    if not any(urls):
        return
    import apprise

    told = apprise.Apprise()
    known = [told.add(url) for url in urls]
    if not (all(known) and told.notify(title=title, body=body, notify_type=kind)):
        _log.warning("Not everyone could be told that %s. Look at %s.", title, URLS)
