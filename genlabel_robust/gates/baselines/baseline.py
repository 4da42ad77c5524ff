"""Saving, updating and reading baselines: runs with which later runs are compared."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from genlabel_robust.core import ConfigurationError, OutputError, UnfinishedRunError
from genlabel_robust.core.files.exclusive import exclusive
from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.core.files.scratch import scratch_folder
from genlabel_robust.core.files.writing import json_text, sha256
from genlabel_robust.gates.baselines.archive import read_archive, unwritable, write_archive
from genlabel_robust.gates.baselines.checksums import check_sums
from genlabel_robust.gates.baselines.owner import refuse_other_test
from genlabel_robust.gates.baselines.record import BaselineRecord, HistoryEntry, read_record
from genlabel_robust.gates.verdicts.endpoint import Endpoint, chosen_endpoints
from genlabel_robust.gates.verdicts.judge import invalid
from genlabel_robust.runs.cells.model_record import random_answers
from genlabel_robust.runs.folder.checked.checksums import SUMS, compared_files
from genlabel_robust.runs.folder.finished import BASELINE, finished_manifest
from genlabel_robust.runs.folder.stored_run import StoredRun, read_run
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.origin import stored_source


@dataclass(frozen=True, eq=False)
class Baseline:
    """A stored run with the endpoints that gates judge.

    ``about``: the content of ``baseline.json``, with the history. ``digest``: SHA-256 over all
    files.
    """

    run: StoredRun
    endpoints: tuple[Endpoint, ...]
    about: BaselineRecord
    digest: str


def save_baseline(
    run: Path,
    out: Path,
    endpoints: Iterable[str] = (),
    reason: str = "saved",
) -> BaselineRecord:
    """Save the finished run in folder ``run`` as a baseline in ``out``, a folder or a ``.zip``.

    ``endpoints``: what later gates judge, in the form of ``parse_endpoint``; may be empty if the
    run has only one. ``reason``: stored in the history. Returns the content of ``baseline.json``.
    Raises ``ConfigurationError`` if no gate could ever pass: without canaries, or with failed
    checks; ``UnfinishedRunError`` for an unfinished run; ``OutputError`` if ``out`` exists.
    """
    chosen = _chosen(run, endpoints)
    with alone(out):
        if out.exists():
            raise OutputError(f"{out} exists; use `baseline update` with a reason, or another name")
        return _write(run, out, chosen, [HistoryEntry.now("saved", reason)])


def update_baseline(
    baseline: Path, run: Path, reason: str, endpoints: Iterable[str] = ()
) -> BaselineRecord:
    """Replace ``baseline`` by the finished run in folder ``run``; ``reason`` goes to its history.

    ``endpoints``: empty to keep those of the baseline. The test that owns the baseline stays the
    same. Returns the content of ``baseline.json``. Raises like ``save_baseline`` and
    ``read_baseline``, and ``ConfigurationError`` for an empty reason.
    """
    if not reason.strip():
        raise ConfigurationError("an update needs a reason, which is stored; give --reason TEXT")
    with alone(baseline):
        return _updated(baseline, run, reason, endpoints, None)


def keep_baseline(
    baseline: Path, run: Path, reason: str, endpoints: Iterable[str] = (), test: str | None = None
) -> BaselineRecord:
    """Save ``run`` as ``baseline``, or update an existing one, for ``test``.

    ``test``: the pytest node id that owns the baseline, see ``refuse_other_test``; None for no
    test. If two processes save the same baseline, the second one updates the first one's.
    Otherwise like ``save_baseline`` and ``update_baseline``.
    """
    chosen = _chosen(run, endpoints)
    with alone(baseline):
        if baseline.exists():
            return _updated(baseline, run, reason, endpoints, test)
        return _write(run, baseline, chosen, [HistoryEntry.now("saved", reason)], test)


@contextmanager
def alone(baseline: Path) -> Iterator[None]:
    """Lock ``baseline`` against writes by other processes while it is read and written."""
    with ExitStack() as stack:
        try:
            stack.enter_context(exclusive(baseline.parent))
        except OSError as error:
            raise unwritable(baseline, error) from error
        yield


def _updated(
    baseline: Path, run: Path, reason: str, endpoints: Iterable[str], test: str | None
) -> BaselineRecord:
    with read_baseline(baseline) as known:
        if test is not None:
            refuse_other_test(known.about, baseline, test)
        names = tuple(endpoints) or tuple(endpoint.name for endpoint in known.endpoints)
        entry = HistoryEntry.now("updated", reason, known.digest)
        history, owner = [*known.about.history, entry], test or known.about.test
    return _write(run, baseline, _chosen(run, names), history, owner)


@contextmanager
def read_baseline(path: Path) -> Iterator[Baseline]:
    """Yield the baseline in ``path``, a folder or a ``.zip``, after checking its checksums.

    Raises ``OutputError`` if it is missing, damaged, or not a baseline.
    """
    with scratch_folder() as folder:
        if path.is_dir():
            where = path
        elif path.is_file():
            where = folder
            read_archive(path, where, sums=True)
        elif path.exists():
            raise OutputError(f"{path} is a pipe or a device, not a baseline")
        else:
            raise OutputError(f"there is no baseline {path}; make one with `baseline save`")
        digest = check_sums(path, where)
        try:
            about = read_record(path, where / BASELINE)
            run = read_run(where, mend="save the baseline again")
        except UnfinishedRunError as error:
            raise OutputError(f"{path} is not a baseline: {error}") from error
        except OutputError as error:
            # name the archive, not the temporary folder into which it was unpacked
            raise OutputError(str(error).replace(str(where), str(path))) from error
        yield Baseline(run, chosen_endpoints(about.endpoints, run), about, digest)


def _chosen(run: Path, endpoints: Iterable[str]) -> tuple[Endpoint, ...]:
    """Return the endpoints to judge in the finished ``run``, after checking that gates can pass."""
    stored = read_run(run)
    chosen = chosen_endpoints(endpoints, stored)
    _refuse_unfit(stored, chosen)
    return chosen


def _write(
    run: Path,
    out: Path,
    endpoints: Iterable[Endpoint],
    history: Iterable[HistoryEntry],
    test: str | None = None,
) -> BaselineRecord:
    names = tuple(endpoint.name for endpoint in endpoints)
    about = BaselineRecord(names, tuple(history), test)
    write_baseline(out, about, run)
    return about


def write_baseline(out: Path, about: BaselineRecord, folder: Path) -> None:
    """Write a baseline to ``out`` from ``about`` and the files of the run in ``folder``."""
    content = {BASELINE: json_text(about.as_dict()).encode()}
    names = [*compared_files(folder), *_kept_tables(folder)]
    content |= {name: file_bytes(folder / name) for name in names}
    lines = [f"{sha256(data)}  {name}\n" for name, data in sorted(content.items())]
    content[SUMS] = "".join(lines).encode()
    write_archive(out, content)


def _kept_tables(folder: Path) -> list[str]:
    """Return the paths of the tables that the run stores, on which later models are tested."""
    match stored_source(finished_manifest(folder)):
        case AuditFiles(kept_as=str()) as files:
            return [*files.tables.values()]
    return []


def _refuse_unfit(run: StoredRun, endpoints: Iterable[Endpoint]) -> None:
    if run.results.canaries is None:
        raise ConfigurationError(
            f"{run.path} was made with --checks off: its attacks did not prove themselves, and no "
            "gate could tell a weaker one; run it with --checks quick or full"
        )
    reason = random_answers(run.results.model)
    if reason is not None:
        raise ConfigurationError(f"{reason}; no gate could pass with it")
    for endpoint in endpoints:
        for row in run.rows(endpoint.group):
            void = invalid(row.checks)
            if void and endpoint.eps in (row.eps, None):
                raise ConfigurationError(
                    f"{endpoint.name}: its number cannot be trusted, so no gate could pass. {void}"
                )
