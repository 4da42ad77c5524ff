"""Output of a gate's result: the text for a terminal, and the result files."""

from collections.abc import Iterator
from pathlib import Path

from genlabel_robust.core import OutputError, plain
from genlabel_robust.core.files.writing import json_text, write_all
from genlabel_robust.gates.outputs.junit import junit_xml
from genlabel_robust.gates.outputs.markdown import markdown
from genlabel_robust.gates.verdicts.verdict import GateResult


def write_result(result: GateResult, folder: Path) -> None:
    """Write ``gate.json``, ``gate.md`` and ``junit.xml`` into ``folder``.

    Raises ``OutputError`` if they cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        texts = {
            "gate.json": json_text(result.as_dict()),
            "gate.md": markdown(result),
            "junit.xml": junit_xml(result),
        }
        write_all(folder, {name: text.encode() for name, text in texts.items()})
    except OSError as error:
        raise OutputError(
            f"cannot write to {folder}: {error.strerror}; choose another folder with --report"
        ) from error


def text(result: GateResult) -> str:
    """Return a sentence per endpoint, the notes, and the overall verdict, one per line."""
    return "".join(f"{plain(line)}\n" for line in _lines(result))


def _lines(result: GateResult) -> Iterator[str]:
    yield from (verdict.sentence for verdict in result.verdicts)
    for row in result.described:
        yield f"not judged: {row}"
    for note in result.notes:
        yield f"note: {note}"
    if result.command:
        yield f"again: {result.command}"
    tolerated = result.status == "inconclusive" and result.policy != "fail"
    yield f"gate: {result.status}" + (f" ({result.policy})" if tolerated else "")
