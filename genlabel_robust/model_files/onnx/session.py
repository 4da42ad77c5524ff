"""A session of onnxruntime that can be sent to another process."""

from __future__ import annotations

from typing import Any

#: onnxruntime's level of messages: fatal ones only, as its errors are raised too.
_QUIET = 4


class Session:
    """A quiet session of one thread on the CPU, of the graph in ``content``.

    Where it is sent to, it is made again of the same bytes.
    """

    def __init__(self, content: bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _QUIET
        self._content = content
        # its fallback prints, and tries the same again
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"], enable_fallback=0
        )

    def __reduce__(self) -> tuple[type[Session], tuple[bytes]]:
        return type(self), (self._content,)

    def get_inputs(self) -> Any:
        """Return what the session takes."""
        return self._session.get_inputs()

    def get_outputs(self) -> Any:
        """Return what the session gives."""
        return self._session.get_outputs()

    def run(self, names: list[str], fed: dict[str, Any], options: Any = None) -> Any:
        """Return the outputs ``names``."""
        return self._session.run(names, fed, options)
