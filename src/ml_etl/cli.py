"""The project's commands beside Kedro's: `releases`, `runs`, `step`, `search`, `shop`, `vectors`, `events`.

Imports stay inside the functions: a name missing here would silently take all commands away, and looking
at releases must not wait for an engine.
"""

from typing import Any

import click
from kedro.framework.cli.utils import _split_params as split_params

_env = click.option("--env", "-e", default=None, help="Configuration whose shop is meant (hm, files, …).")


def _split(context: click.Context, option: click.Parameter, value: str) -> dict[str, Any]:
    from kedro.framework.cli.utils import _split_params

    return _split_params(context, option, value)


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
    from ml_etl import prune_command

    prune_command.prune_releases(env or context.obj, dry_run)


@releases.command()
@click.argument("dataset")
@click.option("--version", required=True, help="The version readers shall get.")
@_env
@click.pass_context
def promote(context: click.Context, dataset: str, version: str, env: str | None) -> None:
    """Let CURRENT name a version: the rollback. It holds until the next run that has news."""
    from ml_etl import commands

    commands.promote_release(env or context.obj, dataset, version)


@releases.command()
@click.argument("dataset")
@click.option("--run-id", required=True, help="The run whose release is asked about.")
@_env
@click.pass_context
def news(context: click.Context, dataset: str, run_id: str, env: str | None) -> None:
    """Say as JSON whether a run's release has news for those who read it, and why."""
    from ml_etl import commands

    commands.tell_news(env or context.obj, dataset, run_id)


@cli.command()
@click.argument("dataset")
@click.argument("name", metavar="STEP")
@click.option("--run-id", required=True, help="The run it is a step of: equal for all steps and retries.")
@click.option("--as-of", help="A day, or an instant: the newest as-of at or before it is meant.")
@click.option("--params", default="", callback=split_params, help="As of `kedro run`.")
@_env
def step(
    dataset: str, name: str, run_id: str, as_of: str | None, params: dict[str, Any], env: str | None
) -> None:
    """Run one step of a dataset's run: land, build, release.

    For schedulers: the steps of one run id, one after the other, are one run. See docs/architecture.md.
    """
    from ml_etl import step_command

    step_command.run_step(env, dataset, name, run_id, as_of, params)


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


@vectors.command()
@_env
@click.pass_context
def publish(context: click.Context, env: str | None) -> None:
    """Write the released vectors to Postgres with pgvector (ML_ETL_VECTORS_URL)."""
    from ml_etl.search import commands

    commands.publish(env or context.obj)


@cli.group()
def shop() -> None:
    """The shop the datasets are made from."""


@shop.command()
@click.option("--to", "target", default="postgres", show_default=True, help="The environment to fill.")
@click.option("--params", default="", callback=_split, help="As for `kedro run`: hm_folder=…, shop_folder=….")
@_env
def load(target: str, params: dict[str, Any], env: str | None) -> None:
    """Copy a shop (of --env; default: the demo shop) into an empty Postgres.

    ML_ETL_LOAD_URL names a user who may create tables; default: the one who reads (ML_ETL_SOURCE_URL).
    """
    from ml_etl import shop_commands

    shop_commands.load(env, target, params)


@shop.command()
@click.option("--transactions", type=float, required=True, help="Purchase lines, such as 31.8e6.")
@click.option("--seed", default=7, show_default=True, help="Equal seeds give equal bytes.")
@click.option("--out", "folder", required=True, help="The folder to write: one Parquet file per table.")
@click.option("--events", type=float, help="About how many; default: 20 million per 31.8 million lines.")
@click.option("--reviews", type=float, help="About how many; default: 500,000 per 31.8 million lines.")
@click.option("--truth", is_flag=True, help="Also write what was planted, into the folder's truth/.")
def simulate(
    transactions: float, seed: int, folder: str, events: float | None, reviews: float | None, truth: bool
) -> None:
    """Simulate a fashion shop of any size, to be run with --env files --params shop_folder=FOLDER.

    Two years of purchases shaped like those H&M has published; customers and articles follow their number.
    """
    from ml_etl import shop_commands

    shop_commands.simulate(transactions, seed, folder, events, reviews, truth)


@cli.command()
@click.option("--last", default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@_env
def runs(last: int, as_json: bool, env: str | None) -> None:
    """The newest runs, from etl_runs."""
    from ml_etl import commands

    commands.list_runs(env, last, as_json)


@cli.command()
@click.argument("query", required=False)
@click.option(
    "--in", "dataset", type=click.Choice(["articles", "reviews"]), default="articles", show_default=True
)
@click.option("--like", metavar="ARTICLE_ID", help="Articles similar to this one, in place of a query.")
@click.option(
    "--space", type=click.Choice(["text", "image", "fused"]), help="Default: text and image, fused."
)
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="How many.")
@click.option("--postgres", is_flag=True, help="Ask the vectors at ML_ETL_VECTORS_URL, not the release.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@_env
def search(query: str | None, **options: Any) -> None:
    """Search articles by meaning, or reviews by words and meaning.

    kedro search "warm red dress for autumn"
    """
    from ml_etl.search import commands

    commands.search(query, **options)


@cli.group()
def events() -> None:
    """The clickstream."""


@events.command()
@click.option("--reason", required=True, help="The rule whose rejected rows are let in.")
@click.option("--since", default=None, help="Only rows that came in then or later (ISO, UTC).")
@click.option("--until", default=None, help="Only rows that came in before then.")
@click.option("--dry-run", is_flag=True, help="Only say how many.")
@_env
def replay(reason: str, since: str | None, until: str | None, dry_run: bool, env: str | None) -> None:
    """Let the next run read rejected events after all; a rebuild comes to the same."""
    from ml_etl.replay import replay as run

    run(env, reason, since, until, dry_run)
