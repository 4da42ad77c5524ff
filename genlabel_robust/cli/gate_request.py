"""The implementation of the command ``gate``, imported only when the command runs."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genlabel_robust.core import OutputError, UsageError
from genlabel_robust.core.files.writing import refuse_links
from genlabel_robust.gates.gate import gate
from genlabel_robust.gates.outputs.write import write_result
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.gates.verdicts.verdict import GateResult


@dataclass(frozen=True)
class GateRequest:
    """The options of the command.

    ``terms``: those that make up the terms of the gate. ``settings``: those of the run, which
    override the baseline's.
    """

    run: Path | None
    baseline: Path | None
    model: Path | None
    out: Path | None
    report: Path | None
    quiet: bool
    verbose: bool
    bridge: bool
    trust: bool
    column_order: str | None
    terms: Terms
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> GateRequest:
        """Build the request from the command's ``options`` without the format.

        Raises ``UsageError`` for invalid terms.
        """
        terms = {field.name for field in fields(Terms)}
        own = {field.name for field in fields(cls)}
        return cls(
            **{name: value for name, value in options.items() if name in own},
            terms=Terms(**{name: value for name, value in options.items() if name in terms}),
            settings={k: v for k, v in options.items() if k not in own | terms},
        )

    def judge(self) -> GateResult:
        """Judge the run, after making it if no run was named, and write the result files."""
        self._refuse_at_odds()
        run = self.run
        if run is None:
            if self.baseline is None:
                raise UsageError(
                    "there is nothing to judge: give RUN, or give --baseline to make a new run"
                )
            run = self._made(self.baseline)
        if self.report is None:
            refuse_links(run, "gate")
        result = gate(
            run,
            self.baseline,
            self.terms,
            bridge=self.bridge,
            trust=self.trust,
            command=self._command(run),
        )
        write_result(result, self.report or run / "gate")
        return result

    def _refuse_at_odds(self) -> None:
        chosen = [name for name, value in self.settings.items() if value not in (None, ())]
        chosen += ["--model"] if self.model else []
        chosen += ["--out"] if self.out else []
        if self.run is not None and chosen:
            raise UsageError(
                f"RUN is finished, so {', '.join(chosen)} cannot change it; leave out one or the "
                "other"
            )
        if self.column_order is not None and self.model is None:
            raise UsageError("--column-order works only with a model that is attacked; add --model")

    def _made(self, baseline: Path) -> Path:
        """Make a run with the settings of ``baseline``, and return its folder."""
        from genlabel_robust.cli.naming_parts import with_parts
        from genlabel_robust.cli.progress import reporting, steps
        from genlabel_robust.gates.baselines.baseline import read_baseline
        from genlabel_robust.gates.comparison.rerun import attack_replacement, refuse_audited
        from genlabel_robust.gates.verdicts.judge import choose_mode
        from genlabel_robust.reports.write import write_reports
        from genlabel_robust.runs.config.resolve import resolve_over
        from genlabel_robust.runs.config.run_config import RunConfig
        from genlabel_robust.runs.config.stored_config import pinned_config
        from genlabel_robust.runs.evaluate import evaluate
        from genlabel_robust.runs.plan.stored_parts import refuse_unnamed

        where = self.out or Path("runs") / f"gate-{datetime.now(UTC):%Y%m%dT%H%M%S-%f}"
        # finished cells of an older run in the folder would be reused
        if where.is_dir() and any(where.iterdir()):
            raise OutputError(
                f"{where} is not empty, and a gate never continues an old run: choose another "
                "folder with --out, or judge a finished run by giving it as RUN"
            )
        with ExitStack() as stack:
            known = stack.enter_context(read_baseline(baseline))
            before = pinned_config(known.run.manifest, RunConfig)
            config, sources = resolve_over(before, {**self.settings, "out": str(where)})
            config = with_parts(config, sources)
            refuse_unnamed(known.run.manifest, "the baseline's run")
            if self.model is not None:
                on_step = stack.enter_context(steps(quiet=self.quiet))
                found = attack_replacement(
                    known,
                    self.terms.endpoints,
                    config,
                    self.model,
                    trust=self.trust,
                    column_order=self.column_order,
                    on_step=on_step,
                )
            else:
                refuse_audited(known)
                # before training, as the gate would refuse these numbers of seeds in the end
                choose_mode(self.terms.mode, config.seeds, before.seeds)
                progress = reporting(quiet=self.quiet, verbose=self.verbose)
                on_progress = stack.enter_context(progress)
                found = evaluate(config, sources=sources, on_progress=on_progress)
        write_reports(found.path)
        return found.path

    def _command(self, run: Path) -> str:
        terms = self.terms
        words = ["python", "-m", "genlabel_robust", "gate"]
        if self.baseline is not None:
            words += ["--baseline", str(self.baseline)]
        for endpoint in terms.endpoints:
            words += ["--endpoint", endpoint]
        if terms.mode is not None:
            words += ["--mode", terms.mode]
        words += ["--max-drop", f"{terms.max_drop:g}"]
        if terms.min_robust is not None:
            words += ["--min-robust", f"{terms.min_robust:g}"]
        if terms.inconclusive != "fail":
            words += ["--inconclusive", terms.inconclusive]
        flags = (["--bridge"] if self.bridge else []) + (["--trust"] if self.trust else [])
        # a folder name may begin with a dash
        subject = ["--", str(run)] if str(run).startswith("-") else [str(run)]
        text = shlex.join([*words, *flags, *subject])
        # a path may contain bytes that are not valid text
        return text.encode(errors="backslashreplace").decode()
