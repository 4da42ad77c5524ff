"""Damaged runs, baselines, settings and threat files against the commands; see CONTRIBUTING.

``python tests/fuzz/fuzz.py --count 5000 --seed 1`` prints a line for every input that a command did
not answer as it should: in one sentence, with an exit code of its own, within a minute and two
gigabytes, with nothing written. The seed of a line gives its input again: ``--only SEED``.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import mutations

from genlabel_robust.cli.main import run

SECONDS, BYTES = 60, 2 << 30
SMALL = (
    "evaluate",
    "--dataset",
    "iris",
    "--strategy",
    "vanilla",
    "--strategy",
    "mixup",
    "--arch",
    "logistic",
    "--seeds",
    "2",
    "--suite",
    "quick",
    "--max-examples",
    "12",
    "--set",
    "train.epochs=20",
    "--by",
    "petal width (cm)",
    "--jobs",
    "1",
    "-q",
)
ENDPOINT = ("--endpoint", "robust:iris/vanilla/logistic")


class TooLongError(BaseException):
    """A command took more than ``SECONDS``."""


@dataclass(frozen=True)
class Answer:
    """What a command did; ``problem``: what it should not have done."""

    arguments: tuple[str, ...]
    about: str
    code: int | None
    problem: str | None
    seconds: float


def main() -> None:
    """Make the small run, damage it as often as asked, and print what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many inputs")
    parser.add_argument("--seed", type=int, default=0, help="of the first input")
    parser.add_argument("--only", type=int, help="just the input of this seed, and what it printed")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.count) if given.only is None else [given.only]
    bad, longest = 0, 0.0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        whole = prepare(Path(folder))
        limit_memory()
        for seed in seeds:
            with case(whole, Path(folder)) as place:
                answer = one(whole, place, random.Random(seed), show=given.only is not None)
            longest = max(longest, answer.seconds)
            if answer.problem is not None:
                bad += 1
                about = {"seed": seed, "arguments": answer.arguments, "input": answer.about}
                print(json.dumps({**about, "code": answer.code, "problem": answer.problem}))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    told = f"{longest:.1f} s of a processor at most, {peak:.2f} GiB"
    print(f"{len(seeds)} inputs, {bad} not answered; {told}")
    sys.exit(bool(bad))


def prepare(folder: Path) -> Path:
    """Make a small finished run and baselines of it in ``folder``."""
    warnings.simplefilter("error")
    os.chdir(folder)
    whole = folder / "whole"
    whole.mkdir()
    assert run([*SMALL, "--out", str(whole / "run")]) == 0
    for name in ("base", "base.zip"):
        saved = ["baseline", "save", str(whole / "run"), "--out", str(whole / name), *ENDPOINT]
        assert run(saved) == 0
        # what is whole is taken: else nothing of what follows would say anything
        assert run(["baseline", "show", str(whole / name)]) == 0
    assert run(["report", str(whole / "run")]) == 0
    assert run(["verify", str(whole / "run"), "-q", "--reattack", "0"]) == 0
    return whole


def limit_memory() -> None:
    """Take no more than ``BYTES`` beside what the libraries have taken."""
    with Path("/proc/self/statm").open(encoding="ascii") as file:
        taken = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + BYTES,) * 2)


@contextmanager
def case(whole: Path, folder: Path) -> Iterator[Path]:
    """Yield a folder with copies to damage."""
    place = folder / "case"
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place)


def one(whole: Path, place: Path, rng: random.Random, *, show: bool = False) -> Answer:
    """Damage something, ask a command about it, and look at its answer."""
    about, arguments, environ = chosen(whole, place, rng)
    os.chdir(place)
    before = snapshot(place)
    stdout, stderr = io.StringIO(), io.StringIO()
    os.environ.update(environ)
    started, code, problem = time.process_time(), None, None
    signal.signal(signal.SIGALRM, _too_long)
    signal.signal(signal.SIGPROF, _too_long)
    # of a processor, for others may work here; and of the clock, for it may wait
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(5 * SECONDS)
    try:
        with redirect_stdout(stdout), redirect_stderr(stderr):
            code = run(list(arguments))
    except BaseException as error:
        problem = f"raised {type(error).__name__}: {str(error)[:300]}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for name in environ:
            del os.environ[name]
        os.chdir(place.parent)
    if show:
        print(about, arguments, environ, code, stdout.getvalue()[-3000:], stderr.getvalue()[-3000:])
    problem = problem or wrong(code, stdout.getvalue(), stderr.getvalue(), arguments)
    if problem is None and code == 2 and snapshot(place) != before:
        problem = "something was written"
    return Answer(arguments, about, code, problem, time.process_time() - started)


def wrong(code: int | None, stdout: str, stderr: str, arguments: tuple[str, ...]) -> str | None:
    """Return what an answer should not be, None if nothing is wrong."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    told = " | ".join(lines[-2:])[-600:]
    if code not in range(7):
        return f"exit code {code}: {told}"
    if "Traceback" in stderr or "internal error" in stderr or "finished cells are kept" in stderr:
        return told
    if len(stderr) > 6000:
        return f"{len(stderr)} characters of errors"
    errors = [line for line in lines if line.lower().startswith("error:")]
    if code == 2 and len(errors) != 1:
        return f"{len(errors)} errors: {told}"
    if code == 2 and not lines[0].startswith("Usage:") and len(lines) != 1:
        return f"more than a sentence: {told}"
    commands = [line for line in (stdout + "\n" + stderr).splitlines() if line.startswith("::")]
    own = ("::error title=robustness", "::warning title=robustness")
    if any("github" not in arguments or not line.startswith(own) for line in commands):
        return f"a command of CI: {commands[0][:200]}"
    if any(not (sign.isprintable() or sign in "\n\t") for sign in stdout + stderr):
        return "characters that are not printable"
    return None


def chosen(
    whole: Path, place: Path, rng: random.Random
) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """Return what was damaged, the command that is asked, and variables of the environment."""
    kind = rng.random()
    if kind < 0.5:
        shutil.copytree(whole / "run", place / "run")
        about = mutations.mutate_run(place / "run", rng)
        judged = ("gate", "run", *ENDPOINT)
        return (
            about,
            rng.choice(
                (
                    ("report", "run"),
                    ("report", "run"),
                    ("report", "run", "--format", "md"),
                    ("report", "run", "--format", "json"),
                    ("verify", "run", "-q", "--reattack", "0"),
                    ("baseline", "save", "run", "--out", "new.zip", *ENDPOINT),
                    (
                        *judged,
                        "--min-robust",
                        "0.1",
                        "--format",
                        rng.choice(("text", "github", "md")),
                    ),
                    (*judged, "--baseline", str(whole / "base"), "--format", "github"),
                )
            ),
            {},
        )
    if kind < 0.72:
        name = "base.zip"
        if rng.random() < 0.6:
            content = (whole / name).read_bytes()
            (place / name).write_bytes(mutations.mutated_archive(content, rng))
            about = "base.zip"
        else:
            name = "base"
            shutil.copytree(whole / name, place / name)
            about = f"base: {mutations.mutate_run(place / name, rng)}"
        shutil.copytree(whole / "run", place / "run")
        judged = ("gate", "run", "--baseline", name, "--format", "github", "--report", "judged")
        return (
            about,
            rng.choice((("baseline", "show", name), judged, ("baseline", "show", name))),
            {},
        )
    if kind < 0.82:
        (place / "t.toml").write_bytes(mutations.threat_text(rng).encode("utf-8", "replace"))
        return _of_settings("threat", ("--threat", "t.toml"), rng)
    if kind < 0.92:
        text = mutations.settings_text(rng)
        name = rng.choice(("c.toml", "genlabel-robust.toml"))
        (place / name).write_bytes(text.encode("utf-8", "replace"))
        return _of_settings("settings", ("--config", name) if name == "c.toml" else (), rng)
    if kind < 0.96:
        text = mutations.assignment(rng)
        if text.startswith("attack."):  # a plan times what is asked for, and that may be much
            return "--set", ("config", "show", "--set", text), {}
        return _of_settings("--set", ("--set", text), rng)
    return ("variable", ("config", "show"), dict([mutations.variable(rng)]))


def _of_settings(
    about: str, options: tuple[str, ...], rng: random.Random
) -> tuple[str, tuple[str, ...], dict[str, str]]:
    planned = (
        "evaluate",
        "--dry-run",
        "--dataset",
        "iris",
        "--strategy",
        "vanilla",
        "--arch",
        "logistic",
        "--seeds",
        "2",
        "--suite",
        "quick",
        "--set",
        "train.epochs=1",
        "--jobs",
        "1",
    )
    return about, rng.choice((("config", "show", *options), (*planned, *options))), {}


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every path below ``folder``, with the size and the time of its last change."""
    found = {}
    for path in folder.rglob("*"):
        about = path.lstat()
        found[str(path.relative_to(folder))] = (about.st_size, about.st_mtime_ns)
    return found


def _too_long(*_: object) -> None:
    raise TooLongError


if __name__ == "__main__":
    main()
