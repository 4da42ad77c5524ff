"""Comparison of finished runs: settings, then numbers, paired if the test rows are the same."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from os import PathLike
from pathlib import Path
from string import ascii_uppercase

import pandas as pd

from genlabel_robust.core import OutputError, UsageError
from genlabel_robust.core.files.opening import file_sha256, is_regular
from genlabel_robust.gates.comparison.same_model import same_model
from genlabel_robust.runs.cells.model_record import called
from genlabel_robust.runs.evaluate import Run
from genlabel_robust.runs.folder.bundle import BundleNote, bundle_note, opened_run
from genlabel_robust.runs.folder.checked.checksums import SUMS
from genlabel_robust.runs.folder.stored_run import Group, StoredRun, read_run
from genlabel_robust.side_by_side.comparison import ComparedRun, ComparisonFigures, Model, Subject
from genlabel_robust.side_by_side.frame import differences_frame
from genlabel_robust.side_by_side.measuring import Side, measures
from genlabel_robust.side_by_side.notes import attacked_otherwise, notes
from genlabel_robust.side_by_side.page import comparison_for_notebook, comparison_page
from genlabel_robust.side_by_side.settings import differing_settings
from genlabel_robust.side_by_side.subjects import Matched, matched, other_rows
from genlabel_robust.side_by_side.text import printed
from genlabel_robust.statistics.panel import check_level

#: The maximum number of runs, each of which gets a letter.
MOST = len(ascii_uppercase)


class Comparison(ComparisonFigures):
    """The comparison of finished runs, as a table or a page."""

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each difference, with the two values compared."""
        return differences_frame(self)

    def to_html(self) -> str:
        """Return the comparison as a self-contained HTML page."""
        return comparison_page(self)

    def _repr_html_(self) -> str:
        return str(comparison_for_notebook(self))

    def __repr__(self) -> str:
        listed = ", ".join(f"{run.letter} {run.path}" for run in self.runs)
        return f"Comparison of {listed}: print it, or see to_frame() and to_html()"

    def __str__(self) -> str:
        return printed(self)


def compare(*runs: Run | str | PathLike[str], level: float = 0.95) -> Comparison:
    """Compare finished ``runs`` with the first of them.

    ``runs``: run folders, bundles that contain rows, or what ``evaluate`` and ``audit`` return.
    ``level``: the level of all intervals; at 0.9, the intervals of differences end at the gate's
    one-sided bounds of 95 %. Raises ``UsageError`` for fewer than two runs,
    ``NotComparableError`` if the runs have nothing in common, ``OutputError`` and
    ``UnfinishedRunError`` for folders without a finished run.
    """
    if not 2 <= len(runs) <= MOST:
        raise UsageError(f"compare takes 2 to {MOST} runs, but got {len(runs)}")
    check_level(level)
    paths = [run.path if isinstance(run, Run) else Path(run) for run in runs]
    with ExitStack() as stack:
        folders = [stack.enter_context(opened_run(path)) for path in paths]
        _refuse_without_rows(paths, folders)
        found = side_by_side([read_run(folder) for folder in folders], level, paths)
        return replace(found, notes=(*_of_bundles(paths, folders), *found.notes))


def side_by_side(
    runs: Sequence[StoredRun], level: float = 0.95, paths: Sequence[Path] | None = None
) -> Comparison:
    """Compare stored ``runs``; see ``compare``.

    ``paths``: the user's names for the runs, None for their folders.
    """
    called = paths or [run.path for run in runs]
    letters = ascii_uppercase[: len(runs)]
    shared, alone = matched(runs)
    named = dict(zip(letters, runs, strict=True))
    data = list(dict.fromkeys(group[0] for one in shared for group in one.values()))
    subjects = tuple(_subject(one, runs, letters, level) for one in shared)
    return Comparison(
        runs=tuple(
            _about(letter, run, path)
            for (letter, run), path in zip(named.items(), called, strict=True)
        ),
        settings=differing_settings(named, data),
        notes=tuple(notes(named, shared)),
        subjects=subjects,
        alone=tuple(f"only in {letters[number]}: {_called(group)}" for number, group in alone),
        level=level,
    )


def _of_bundles(paths: Sequence[Path], folders: Sequence[Path]) -> Iterator[str]:
    """Yield a note for each bundle that says which run it is from."""
    for letter, folder in zip(ascii_uppercase, folders, strict=False):
        note = bundle_note(folder)
        if note is not None:
            yield f"{letter} is a bundle of {_whose(note, paths, folders)}."


def _whose(note: BundleNote, paths: Sequence[Path], folders: Sequence[Path]) -> str:
    """Return the run that a bundle is from, and the path of that run if it is in ``paths``."""
    for path, folder in zip(paths, folders, strict=True):
        sums = folder / SUMS
        if is_regular(sums) and file_sha256(sums, error=OutputError) == note.digest:
            return f"{note.whose}, which is {path}"
    return note.whose


def _refuse_without_rows(paths: Sequence[Path], folders: Sequence[Path]) -> None:
    """Raise ``OutputError`` if there are bundles without rows; it names them and their runs."""
    bundles = []
    for path, folder in zip(paths, folders, strict=True):
        note = bundle_note(folder)
        if note is None or "rows" not in note.without:
            continue
        of = _whose(note, paths, folders)
        bundles.append(f"{path} is a bundle of {of}, without {note.lacks}")
    if bundles:
        raise OutputError(
            f"{'; '.join(bundles)}; runs are compared by their rows: ask for a bundle made with "
            "`report RUN --bundle FILE.zip --with rows`"
        )


def _about(letter: str, run: StoredRun, path: Path) -> ComparedRun:
    record = run.results.model
    return ComparedRun(
        letter,
        str(path),
        str(run.manifest.get("finished", "")),
        run.results.suite,
        None if record is None else record.name,
        run.digest,
        run.title,
    )


def _subject(one: Matched, runs: Sequence[StoredRun], letters: str, level: float) -> Subject:
    (start, first), *_ = one.items()
    models, sides = {}, []
    for number, group in one.items():
        run, letter = runs[number], letters[number]
        reason = other_rows(runs[start], first[0], run, group[0])
        panel = run.panels[group]
        same = number != start and reason is None and _same(run, group, runs[start], first)
        names = _names(run, group)
        models[letter] = Model(
            *names, len(panel.labels), len(panel.results), unpaired=reason, same=same
        )
        alike = same and not attacked_otherwise(runs[start], run, first, group)
        sides.append(Side(letter, panel, run.results.threat, reason, same, alike))
    norm = runs[start].results.threat.norm
    return Subject(first[0], norm, models, tuple(measures(sides, level)))


def _same(run: StoredRun, group: Group, other: StoredRun, its: Group) -> bool:
    """Return whether two runs have the same model, regardless of its name."""
    counts = len(run.cells.get(group, ())), len(other.cells.get(its, ()))
    if counts[0] != counts[1] or not counts[0]:
        return False
    renamed = replace(
        other,
        panels={group: other.panels[its]},
        cells={group: other.cells[its]},
    )
    return same_model(run, renamed, group)


def _names(run: StoredRun, group: Group) -> tuple[str, str, str]:
    """Return data set, strategy and architecture; for an audited model its name and format."""
    record = run.results.model
    return (
        (group[0], group[2], group[1]) if record is None else (group[0], record.name, record.format)
    )


def _called(group: Group) -> str:
    dataset, architecture, strategy = group
    return called(dataset, strategy, architecture)
