"""A gate's verdicts for GitHub Actions: job summary, annotations and outputs."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from genlabel_robust.core import plain
from genlabel_robust.gates.outputs.markdown import markdown
from genlabel_robust.gates.verdicts.verdict import GateResult

#: GitHub limits the summary of a step to 1 MiB; some of it is left for the note on the cut.
_MOST_BYTES = 1024 * 1024 - 200
_CUT = "\n\n…cut: the whole of it is in gate.md, in the run's folder.\n"


def workflow_commands(result: GateResult) -> Iterator[str]:
    """Yield a workflow command, an error or a warning, per endpoint that did not pass."""
    for verdict in result.verdicts:
        if verdict.status == "pass":
            continue
        tolerated = verdict.status == "inconclusive" and result.policy != "fail"
        level = "warning" if tolerated else "error"
        title = _property(f"robustness: {verdict.status}")
        yield f"::{level} title={title}::{_data(verdict.sentence)}"


def write_github(result: GateResult, environ: Mapping[str, str]) -> None:
    """Append the summary to ``GITHUB_STEP_SUMMARY``, and the outputs to ``GITHUB_OUTPUT``.

    A file is not written if ``environ`` does not name it.
    """
    summary, output = (environ.get(f"GITHUB_{name}") for name in ("STEP_SUMMARY", "OUTPUT"))
    if summary:
        path = Path(summary)
        _append(path, _cut(markdown(result), path.stat().st_size if path.exists() else 0))
    if output:
        _append(Path(output), f"status={result.status}\nexit-code={result.exit_code}\n")


def write_error(text: str, exit_code: int, environ: Mapping[str, str]) -> str:
    """Write the outputs of a gate that ended in an error; return its workflow command."""
    output = environ.get("GITHUB_OUTPUT")
    if output:
        _append(Path(output), f"status=error\nexit-code={exit_code}\n")
    return f"::error title=robustness%3A error::{_data(text)}"


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _cut(text: str, written: int = 0) -> str:
    content, room = text.encode(), max(_MOST_BYTES - written, 0)
    if len(content) <= room:
        return text
    return content[:room].decode(errors="ignore") + _CUT


def _data(text: str) -> str:
    """Escape the text of a workflow command, which must be a single line."""
    return plain(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    """Escape the value of a workflow command's property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
