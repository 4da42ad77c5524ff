"""Write a gate's result for every reader."""

from pathlib import Path

from genlabel_robust.core import OutputError
from genlabel_robust.core.files.writing import json_text, write_all
from genlabel_robust.gates.outputs.junit import junit_xml
from genlabel_robust.gates.outputs.markdown import markdown
from genlabel_robust.gates.verdicts.verdict import GateResult


def write_result(result: GateResult, folder: Path) -> None:
    """Write ``gate.json``, ``gate.md`` and ``junit.xml`` into ``folder``.

    Raises ``OutputError`` if that cannot be written.
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
