"""How configuration is read, in a Kedro session and outside of one."""

import hashlib
import os
from typing import Any


def _environment(name: str, default: Any = None) -> Any:
    """`${env:NAME,default}` in configuration; an empty variable counts as unset."""
    return os.environ.get(name) or default


def _environment_id(name: str) -> str | None:
    """`${env_id:NAME}`: tells one value of a secret variable from another without telling the value."""
    value = os.environ.get(name)
    return hashlib.sha256(f"{name}={value}".encode()).hexdigest()[:8] if value else None


LOADER_ARGS: dict[str, Any] = {
    "base_env": "base",
    "default_run_env": "local",
    "custom_resolvers": {"env": _environment, "env_id": _environment_id},
    # `--params interactions.default_score=…` changes that one key, and so does an environment's file.
    "merge_strategy": {"parameters": "soft", "globals": "soft"},
    # A parameter on the command line must never choose which class is loaded.
    "restrict_runtime_params_type_selection": True,
}
