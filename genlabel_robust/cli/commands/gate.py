"""``gate``: whether robustness got worse."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genlabel_robust.cli.commands.audit import ORDERS
from genlabel_robust.cli.printing import command_of_ci, say_json, say_text
from genlabel_robust.cli.setting_options import ASSIGNMENTS, setting_options

if TYPE_CHECKING:
    from genlabel_robust.gates.verdicts.terms import Terms
    from genlabel_robust.gates.verdicts.verdict import GateResult

FORMATS = ("text", "github", "json", "md")

_OWN: list[click.Parameter] = [
    click.Argument(["run"], required=False, type=click.Path(path_type=Path)),
    click.Option(
        ["--baseline"],
        type=click.Path(path_type=Path),
        metavar="BASELINE",
        help="What `baseline save` made.",
    ),
    click.Option(
        ["--model"],
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Judge these weights, of the baseline's architecture; where the baseline is "
        "of an audit, any model file.",
    ),
    click.Option(
        ["--endpoint", "endpoints"],
        multiple=True,
        metavar="NAME",
        help="What is judged, see `baseline save`. Repeatable. [default: the baseline's]",
    ),
    click.Option(
        ["--mode"],
        type=click.Choice(("checkpoint", "recipe")),
        help="This model against that one, or trainings against trainings. [default: by "
        "the seeds: one each, or five or more each]",
    ),
    click.Option(
        ["--max-drop"],
        type=float,
        default=0.02,
        show_default=True,
        help="Largest drop allowed, as a fraction; of a median margin, a share of it.",
    ),
    click.Option(
        ["--min-robust"],
        type=float,
        help="Also fail if a robust accuracy is below this, by its interval.",
    ),
    click.Option(
        ["--inconclusive"],
        type=click.Choice(("fail", "warn", "pass")),
        default="fail",
        show_default=True,
        help="What an undecided endpoint does.",
    ),
    click.Option(
        ["--bridge"],
        is_flag=True,
        help="Where only the suite changed: attack the baseline's models again with it.",
    ),
    click.Option(
        ["--column-order"],
        type=click.Choice(ORDERS),
        help="With --model, as of `audit`. [default: the baseline's]",
    ),
    click.Option(
        ["--trust"],
        is_flag=True,
        help="Read audited models even if their loader executes what the file says.",
    ),
    click.Option(
        ["--out"],
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="The run folder, where a run is made; new or empty. [default: runs/gate-<time>]",
    ),
    click.Option(
        ["--report"],
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="Where gate.json, gate.md and junit.xml go. [default: RUN/gate]",
    ),
    click.Option(
        ["--format", "form"],
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="What to print; github also writes the job's summary.",
    ),
    click.Option(["-q", "--quiet"], is_flag=True, help="No progress."),
    click.Option(["-v", "--verbose"], is_flag=True, help="A line for every finished cell."),
]


@click.command(params=[*_OWN, *setting_options("gate"), ASSIGNMENTS])
def gate(
    run: Path | None,
    baseline: Path | None,
    model: Path | None,
    out: Path | None,
    report: Path | None,
    form: str,
    quiet: bool,
    verbose: bool,
    bridge: bool,
    trust: bool,
    column_order: str | None,
    **given: Any,
) -> None:
    """Judge whether robustness got worse than BASELINE by more than is allowed.

    RUN is a finished run folder. Without it, the baseline's evaluation is made anew, with
    the options of `evaluate` over its settings, or --model is attacked in the same way.

    \b
    Examples:
      genlabel_robust baseline save runs/nightly --out baseline.zip
      genlabel_robust gate runs/tonight --baseline baseline.zip --max-drop 0.01
      genlabel_robust gate --baseline baseline.zip --model model.safetensors
    """
    with _answerable(form):
        result = _judged(
            run,
            baseline,
            model,
            out,
            report,
            given,
            quiet=quiet,
            verbose=verbose,
            bridge=bridge,
            trust=trust,
            column_order=column_order,
        )
    _print(result, form)
    raise click.exceptions.Exit(result.exit_code)


@contextmanager
def _answerable(form: str) -> Iterator[None]:
    """Take data without rows for what they are to a gate, and tell GitHub of every error."""
    from genlabel_robust.core.errors import EmptyDataError, GenlabelRobustError, UnfinishedRunError
    from genlabel_robust.gates.outputs.github import write_error

    try:
        try:
            yield
        except EmptyDataError as error:
            raise UnfinishedRunError(f"there is nothing to evaluate: {error}") from error
    except GenlabelRobustError as error:
        if form == "github":
            command_of_ci(write_error(str(error), error.exit_code, os.environ))
        raise


def _judged(
    run: Path | None,
    baseline: Path | None,
    model: Path | None,
    out: Path | None,
    report: Path | None,
    given: dict[str, Any],
    *,
    quiet: bool,
    verbose: bool,
    bridge: bool,
    trust: bool,
    column_order: str | None,
) -> GateResult:
    from genlabel_robust.core.errors import UsageError
    from genlabel_robust.core.files.writing import refuse_links
    from genlabel_robust.gates.gate import gate as judge
    from genlabel_robust.gates.outputs.write import write_result
    from genlabel_robust.gates.verdicts.terms import Terms

    own = {k: given.pop(k) for k in ("endpoints", "mode", "max_drop", "min_robust", "inconclusive")}
    terms = Terms(**own)
    chosen = {name: value for name, value in given.items() if value not in (None, ())}
    if run is not None and (model is not None or out is not None or chosen):
        settings = ", ".join(
            [*chosen, *(["--model"] if model else []), *(["--out"] if out else [])]
        )
        raise UsageError(
            f"RUN is finished, and cannot be given {settings}; leave out one or the other"
        )
    if column_order is not None and model is None:
        raise UsageError("--column-order is of a model that is attacked; give --model, too")
    if run is None:
        if baseline is None:
            raise UsageError("there is nothing to judge: give RUN, or --baseline to run it anew")
        run = _made(
            baseline,
            terms,
            model,
            out,
            given,
            quiet=quiet,
            verbose=verbose,
            trust=trust,
            column_order=column_order,
        )
    if report is None:
        refuse_links(run, "gate")
    command = _command(run, baseline, terms, bridge=bridge, trust=trust)
    result = judge(run, baseline, terms, bridge=bridge, trust=trust, command=command)
    write_result(result, report or run / "gate")
    return result


def _made(
    baseline: Path,
    terms: Terms,
    model: Path | None,
    out: Path | None,
    given: dict[str, Any],
    *,
    quiet: bool,
    verbose: bool,
    trust: bool,
    column_order: str | None,
) -> Path:
    """Evaluate what is to be judged, as the baseline was, and return the run folder."""
    from datetime import UTC, datetime

    from genlabel_robust.cli.progress import reporting
    from genlabel_robust.core.errors import OutputError
    from genlabel_robust.gates.baselines.baseline import read_baseline
    from genlabel_robust.gates.comparison.rerun import attack_given, refuse_given
    from genlabel_robust.reports.write import write_reports
    from genlabel_robust.runs.config.resolve import resolve_over
    from genlabel_robust.runs.config.stored_config import pinned_config
    from genlabel_robust.runs.evaluate import evaluate as evaluate_run

    where = out or Path("runs") / f"gate-{datetime.now(UTC):%Y%m%dT%H%M%S-%f}"
    # cells of an older run would be taken for new ones
    if where.is_dir() and any(where.iterdir()):
        raise OutputError(
            f"{where} is not empty, and a gate goes on with nothing that is there: choose another "
            "folder with --out, or judge a finished run by naming it as RUN"
        )
    with ExitStack() as stack:
        known = stack.enter_context(read_baseline(baseline))
        config, sources = resolve_over(
            pinned_config(known.run.manifest), {**given, "out": str(where)}
        )
        if model is not None:
            found = attack_given(
                known, terms.endpoints, config, model, trust=trust, column_order=column_order
            )
        else:
            refuse_given(known)
            on_progress = stack.enter_context(reporting(quiet=quiet, verbose=verbose))
            found = evaluate_run(config, sources=sources, on_progress=on_progress)
    write_reports(found.path)
    return found.path


def _command(run: Path, baseline: Path | None, terms: Terms, *, bridge: bool, trust: bool) -> str:
    words = ["python", "-m", "genlabel_robust", "gate"]
    if baseline is not None:
        words += ["--baseline", str(baseline)]
    for endpoint in terms.endpoints:
        words += ["--endpoint", endpoint]
    if terms.mode is not None:
        words += ["--mode", terms.mode]
    words += ["--max-drop", f"{terms.max_drop:g}"]
    if terms.min_robust is not None:
        words += ["--min-robust", f"{terms.min_robust:g}"]
    if terms.inconclusive != "fail":
        words += ["--inconclusive", terms.inconclusive]
    flags = (["--bridge"] if bridge else []) + (["--trust"] if trust else [])
    # a folder may be called -r
    subject = ["--", str(run)] if str(run).startswith("-") else [str(run)]
    text = shlex.join([*words, *flags, *subject])
    # a path may hold bytes that are no text
    return text.encode(errors="backslashreplace").decode()


def _print(result: GateResult, form: str) -> None:
    from genlabel_robust.core.files.writing import json_text
    from genlabel_robust.gates.outputs.github import workflow_commands, write_github
    from genlabel_robust.gates.outputs.markdown import markdown
    from genlabel_robust.gates.outputs.plain_text import text

    if form == "json":
        say_json(json_text(result.as_dict()))
    elif form == "md":
        say_text(markdown(result))
    else:
        say_text(text(result))
    if form == "github":
        for line in workflow_commands(result):
            command_of_ci(line)
        write_github(result, os.environ)
