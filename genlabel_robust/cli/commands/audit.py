"""``audit``: attack a model of one's own, report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genlabel_robust.cli.commands.evaluate import (
    FORMATS,
    print_forecast,
    print_run,
    refuse_forecast_as,
)
from genlabel_robust.cli.naming_parts import PARTS, admit, named_architecture, with_parts
from genlabel_robust.cli.printing import open_in_browser, say
from genlabel_robust.cli.progress import steps
from genlabel_robust.cli.setting_options import SOURCES, WithSettings, setting_options

#: Whose columns may stand in the order of the model's.
ORDERS = ("data", "reference")

if TYPE_CHECKING:
    from genlabel_robust.runs.config.attack_config import AttackConfig
    from genlabel_robust.runs.forecast.forecast import Forecast
    from genlabel_robust.runs.plan.audit_files import AuditFiles

_OWN: list[click.Parameter] = [
    click.Argument(["model"], type=click.Path(path_type=Path)),
    click.Option(
        ["--data"],
        required=True,
        metavar="FILE",
        help="The rows to test on, in the form that the model takes: FILE.csv or FILE.parquet.",
    ),
    click.Option(
        ["--target"], required=True, metavar="COLUMN", help="The column of labels in --data."
    ),
    click.Option(
        ["--reference"],
        metavar="FILE",
        help=(
            "Rows that give the ranges, the box, the levels of categories and starting points; "
            "best, the training rows. [default: the test rows]"
        ),
    ),
    click.Option(
        ["--class", "classes"],
        multiple=True,
        metavar="LABEL",
        help=(
            "A label; give all labels in the order of the model's scores, if the model does not "
            "name its classes. Repeatable."
        ),
    ),
    click.Option(
        ["--output"],
        type=click.Choice(("logit", "probability")),
        help="What the single output of a model of two classes is. [default: decided by its range]",
    ),
    click.Option(
        ["--random-model"],
        is_flag=True,
        help=(
            "Audit the model even if its predictions depend on chance, or on the other rows. No "
            "gate passes such an audit."
        ),
    ),
    click.Option(
        ["--column-order"],
        type=click.Choice(ORDERS),
        help=(
            "Which table has the model's order of columns, if --data and --reference differ and "
            "the model knows no names."
        ),
    ),
    click.Option(
        ["--arch", "architecture"],
        metavar="NAME",
        help=(
            "The architecture of a .safetensors file: a name of `list models`, or module:Name for "
            "your own."
        ),
    ),
    click.Option(
        ["--trust-type", "types"],
        multiple=True,
        metavar="NAME",
        help="A type that a .skops file may contain. The error names unknown types. Repeatable.",
    ),
    click.Option(
        ["--trust"],
        is_flag=True,
        help=(
            "Read formats whose loader can execute code: pickles, TorchScript and torch.export. "
            "Use it only for files from people you trust with this machine."
        ),
    ),
]
_PRINTING: list[click.Parameter] = [
    click.Option(
        ["--min-robust"],
        type=float,
        metavar="SHARE",
        help=(
            "Fail, like `gate --min-robust`, unless robust accuracy is at least this, by its "
            "interval. Exit code 1 if it is lower, 5 if there are too few rows to tell."
        ),
    ),
    click.Option(
        ["--dry-run"],
        is_flag=True,
        help=(
            "Print what the audit will do, how long it will take and what it can detect. Write "
            "nothing."
        ),
    ),
    click.Option(
        ["--format", "form"],
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="What to print.",
    ),
    click.Option(["--open", "open_"], is_flag=True, help="Open the report in a browser."),
    click.Option(["-q", "--quiet"], is_flag=True, help="Show no progress and no notices."),
]


@click.command(
    cls=WithSettings, made=lambda: [*_OWN, *setting_options("audit"), *SOURCES, PARTS, *_PRINTING]
)
def audit(
    model: Path,
    form: str,
    open_: bool,
    quiet: bool,
    trust: bool,
    dry_run: bool,
    min_robust: float | None,
    **options: Any,
) -> None:
    """Attack your own MODEL on your own rows, and print how robust it is.

    MODEL: .onnx, .skops (scikit-learn), .json (XGBoost, CatBoost), .cbm (CatBoost), .txt (LightGBM)
    or .safetensors, read without executing anything; others with --trust (see `list formats`).
    Categories and missing values go to the model as they are; unless a threat file says otherwise,
    the attacker does not change them. The run folder keeps a copy of MODEL and the audit report,
    report.html.

    \b
    Examples:
      genlabel-robust audit model.onnx --data test.csv --target label --eps 0.1
      genlabel-robust audit model.skops --data test.csv --target label \\
          --reference train.csv --threat threat.toml
    """
    from genlabel_robust.cli.name_threat_file import naming
    from genlabel_robust.runs.config.named_parts import format_of
    from genlabel_robust.runs.config.resolve import resolve
    from genlabel_robust.runs.execute.early import begin_imports_of_run
    from genlabel_robust.runs.plan.audit_files import AuditFiles

    names = (
        "data",
        "target",
        "reference",
        "classes",
        "architecture",
        "types",
        "output",
        "random_model",
        "column_order",
    )
    files = AuditFiles(str(model), **{name: options.pop(name) for name in names})
    admit([*options.pop("parts"), *format_of(model)])
    files = replace(files, architecture=named_architecture(files.architecture))
    config, sources = resolve(options)
    config = with_parts(config, sources)
    _refuse_floor(min_robust, config.of_attack.eps)
    if dry_run:
        refuse_forecast_as(form)
        with naming(options["threat_file"], sources):
            _forecast(files, config.of_attack, form, trust=trust, quiet=quiet)
        return
    with (
        steps(quiet=quiet) as on_step,
        naming(options["threat_file"], sources),
    ):
        on_step(0.0, 1, "starting")
        if config.jobs is not None:
            begin_imports_of_run(config.of_attack)
        # torch and ART are imported here and for the processes at the same time
        from genlabel_robust.runs.audit import audit_files

        run = audit_files(
            files,
            config.of_attack,
            trust=trust,
            sources=sources,
            on_step=on_step,
            on_many=None if quiet else _say_what_it_takes,
        )
    from genlabel_robust.reports.write import write_reports

    write_reports(run.path)
    print_run(run, form, quiet=quiet)
    if open_:
        open_in_browser(run.path / "report.html")
    if min_robust is not None:
        _hold_to(min_robust, run.path, form, trust=trust)


def _forecast(
    files: AuditFiles, config: AttackConfig, form: str, *, trust: bool, quiet: bool
) -> None:
    from genlabel_robust.runs.audit import forecast_files

    print_forecast(forecast_files(files, config, trust=trust), form, quiet=quiet)


def _say_what_it_takes(forecast: Forecast) -> None:
    from genlabel_robust.reports.text.many_rows import many_rows

    say(many_rows(forecast), err=True)


def _refuse_floor(least: float | None, eps: Sequence[float]) -> None:
    """Raise where a floor cannot be, before anything is attacked."""
    if least is None:
        return
    from genlabel_robust.core import ConfigurationError
    from genlabel_robust.gates.verdicts.terms import Terms

    Terms(min_robust=least)
    if len(eps) != 1:
        raise ConfigurationError(
            f"--min-robust needs exactly one ε, but there are {len(eps)}; give one --eps, or judge "
            "the finished run with `gate RUN --min-robust SHARE --endpoint robust@EPS`"
        )


def _hold_to(least: float, run: Path, form: str, *, trust: bool) -> None:
    """Judge the run by the floor as ``gate`` does; end with its exit code."""
    from genlabel_robust.core.files.writing import refuse_links
    from genlabel_robust.gates.gate import gate
    from genlabel_robust.gates.outputs.write import write_result
    from genlabel_robust.gates.verdicts.terms import Terms

    refuse_links(run, "gate")
    result = gate(run, None, Terms(min_robust=least), trust=trust)
    write_result(result, run / "gate")
    # what was asked for in another form has nothing else beside it
    for verdict in result.verdicts:
        say(verdict.sentence, err=form != "table")
    raise click.exceptions.Exit(result.exit_code)
