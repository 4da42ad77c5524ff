"""Leave the tests marked ``nightly`` out of a run that does not ask for them.

They run with ``-m nightly``, or where a test is named (``path::test``). Of a test with many
cases, ``@pytest.mark.nightly(but=[id, ...])`` leaves some to the ordinary run, and
``nightly(every=3)`` the first, the fourth and so on. Within a budget of time, what has not begun by
its end is left out and named, so that another day can begin there.
"""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

#: Which nightly tests are left out for want of time, by file, and how many ran.
_late: dict[str, int] = {}
_ran: dict[str, int] = {}
_not_asked = pytest.StashKey[int]()
_NO_TIME = "the time for nightly tests is over"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nightly", "tests marked nightly")
    group.addoption(
        "--nightly-until",
        type=float,
        metavar="TIME",
        help="leave out nightly tests that have not begun by then (seconds of the Unix epoch)",
    )
    group.addoption(
        "--nightly-first",
        type=int,
        default=0,
        metavar="N",
        help="begin with the N-th file of nightly tests, and go round",
    )


def _asked(config: pytest.Config) -> bool:
    return "nightly" in config.option.markexpr or any("::" in one for one in config.args)


def _from_file(items: Sequence[pytest.Item], first: int) -> list[pytest.Item]:
    """Return ``items`` in another order of files: the ``first``-th comes first.

    Before all of them come those of ``nightly(first=True)``.
    """
    files = list(dict.fromkeys(item.path for item in items))
    start = first % max(len(files), 1)
    place = {path: number for number, path in enumerate(files[start:] + files[:start])}
    for item in items:
        if item.get_closest_marker("nightly").kwargs.get("first"):
            place[item.path] = -1
    return sorted(items, key=lambda item: place[item.path])


def _unmark_the_rest(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Take the mark from cases that it leaves to an ordinary run, by ``but`` or by ``every``."""
    missing: dict[str, set[str]] = {}
    seen: dict[str, int] = {}
    for item in items:
        mark = item.get_closest_marker("nightly")
        if mark is None or not {"but", "every"} & {*mark.kwargs}:
            continue
        name, case = item.nodeid.partition("[")[0], item.callspec.id
        number = seen[name] = seen.get(name, -1) + 1
        missing.setdefault(name, {*mark.kwargs.get("but", ())}).discard(case)
        kept = case in mark.kwargs.get("but", ())
        if kept or ("every" in mark.kwargs and number % mark.kwargs["every"] == 0):
            item.own_markers.remove(mark)
    if not any("::" in one for one in config.args):
        for name, cases in missing.items():
            if cases:
                raise pytest.UsageError(f"{name}: nightly but for {sorted(cases)}: no such case")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _unmark_the_rest(config, items)
    nightly = [item for item in items if item.get_closest_marker("nightly")]
    others = [item for item in items if not item.get_closest_marker("nightly")]
    if _asked(config):
        # those of -m are chosen later: the order of files is that of nightly tests alone
        items[:] = _from_file(nightly, config.option.nightly_first) + others
        return
    config.stash[_not_asked] = len(nightly)
    if nightly:
        config.hook.pytest_deselected(items=nightly)
        items[:] = others


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    until = item.config.option.nightly_until
    if until is not None and time.time() > until and item.get_closest_marker("nightly"):
        pytest.skip(_NO_TIME)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if "nightly" not in report.keywords or report.when != "setup":
        return
    late = report.skipped and _NO_TIME in str(report.longrepr)
    counts, path = (_late if late else _ran), report.nodeid.partition("::")[0]
    counts[path] = counts.get(path, 0) + 1


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    if hasattr(session.config, "workeroutput"):  # a worker of xdist tells its controller
        session.config.workeroutput["nightly"] = session.config.stash.get(_not_asked, 0)
    return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: "WorkerController") -> None:
    # every worker collects all tests; one that died says nothing
    node.config.stash[_not_asked] = getattr(node, "workeroutput", {}).get("nightly", 0)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    count = config.stash.get(_not_asked, 0)
    if count:
        terminalreporter.line(f"{count} nightly tests were left out: -m nightly runs them")
    if config.option.nightly_until is None:
        return
    for what, counts in (("ran", _ran), ("were left out: no time", _late)):
        terminalreporter.section(f"nightly tests that {what}")
        for path, number in counts.items():
            terminalreporter.line(f"{number:5d}  {path}")
