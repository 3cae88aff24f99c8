"""The settings of globals.yml for code outside a Kedro session: the command line and `released`."""

import functools
import os
import warnings
from typing import Any

from ml_etl.layout import PROJECT, Layout


@functools.cache
def settings(env: str | None = None) -> dict[str, Any]:
    """globals.yml of conf/base, overlaid by conf/<env> (default: $KEDRO_ENV, else local)."""
    from kedro.config import OmegaConfigLoader

    from ml_etl.settings_loader import LOADER_ARGS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loader = OmegaConfigLoader(
            str(PROJECT / "conf"), env=env or os.environ.get("KEDRO_ENV"), **LOADER_ARGS
        )
        return dict(loader["globals"])


def layout(env: str | None = None) -> Layout:
    """The folders of that environment's shop."""
    found = settings(env)
    return Layout.of(found["data"], found["shop"])
