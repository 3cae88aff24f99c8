"""The project's commands beside Kedro's: `kedro releases`, `kedro runs`, `kedro vectors`.

Imports stay inside the functions: a name missing here would silently take all commands away, and looking
at releases must not wait for an engine.
"""

import click

_env = click.option("--env", "-e", default=None, help="Configuration whose shop is meant (hm, files, …).")


@click.group(name="ml_etl")
def cli() -> None:
    """Commands of ml_etl."""


@cli.group(invoke_without_command=True)
@_env
@click.option("--check", is_flag=True, help="Exit with 7 when a dataset is older than its schedule allows.")
@click.pass_context
def releases(context: click.Context, env: str | None, check: bool) -> None:
    """What is released; show, verify, prune, promote."""
    context.obj = env
    if context.invoked_subcommand:
        return
    from ml_etl import commands

    commands.list_releases(env, check)


@releases.command()
@click.argument("dataset")
@click.option("--version", default=None, help="A version; default: the current one.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@_env
@click.pass_context
def show(context: click.Context, dataset: str, version: str | None, as_json: bool, env: str | None) -> None:
    """The artefacts of a release."""
    from ml_etl import commands

    commands.show_release(env or context.obj, dataset, version, as_json)


@releases.command()
@_env
@click.pass_context
def verify(context: click.Context, env: str | None) -> None:
    """Re-hash everything released; name what is damaged."""
    from ml_etl import commands

    commands.verify_releases(env or context.obj)


@releases.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@_env
@click.pass_context
def prune(context: click.Context, dry_run: bool, env: str | None) -> None:
    """Remove old versions that nothing cites (retention in globals.yml)."""
    from ml_etl import commands

    commands.prune_releases(env or context.obj, dry_run)


@releases.command()
@click.argument("dataset")
@click.option("--version", required=True, help="The version readers shall get.")
@_env
@click.pass_context
def promote(context: click.Context, dataset: str, version: str, env: str | None) -> None:
    """Let CURRENT name a version: the rollback. It holds until the next run that has news."""
    from ml_etl import commands

    commands.promote_release(env or context.obj, dataset, version)


@cli.group(invoke_without_command=True)
@_env
@click.pass_context
def vectors(context: click.Context, env: str | None) -> None:
    """What the cache of encoded texts and images holds; prune."""
    context.obj = env
    if context.invoked_subcommand:
        return
    from ml_etl import vector_commands

    vector_commands.list_vectors(env)


@vectors.command(name="prune")
@click.option("--model", default=None, help="All of this model's, used or not.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@_env
@click.pass_context
def prune_vectors(context: click.Context, model: str | None, dry_run: bool, env: str | None) -> None:
    """Remove vectors that nothing has read for `vectors.keep_days` (globals.yml)."""
    from ml_etl import vector_commands

    vector_commands.prune_vectors(env or context.obj, model, dry_run)


@cli.command()
@click.option("--last", default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@_env
def runs(last: int, as_json: bool, env: str | None) -> None:
    """The newest runs, from etl_runs."""
    from ml_etl import commands

    commands.list_runs(env, last, as_json)
