"""``schema``: the format of ``results.json``."""

import click

from genlabel_robust.cli.printing import say_json


@click.command()
def schema() -> None:
    """Print the JSON Schema of results.json."""
    from genlabel_robust.core.files.writing import json_text
    from genlabel_robust.runs.results.schema import results_schema

    say_json(json_text(results_schema()))
