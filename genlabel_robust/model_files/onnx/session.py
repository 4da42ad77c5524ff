"""An onnxruntime session that can be pickled for another process."""

from __future__ import annotations

from typing import Any

#: onnxruntime's log level: fatal messages only, as errors are raised as exceptions too.
_QUIET = 4


class Session:
    """A quiet single-threaded CPU session for the graph in ``content``.

    Unpickling creates a new session from the same bytes.
    """

    def __init__(self, content: bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _QUIET
        self._content = content
        # onnxruntime's fallback prints a message and tries the same again
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"], enable_fallback=0
        )

    def __reduce__(self) -> tuple[type[Session], tuple[bytes]]:
        return type(self), (self._content,)

    def get_inputs(self) -> Any:
        """Return onnxruntime's descriptions of the inputs."""
        return self._session.get_inputs()

    def get_outputs(self) -> Any:
        """Return onnxruntime's descriptions of the outputs."""
        return self._session.get_outputs()

    def run(self, names: list[str], fed: dict[str, Any], options: Any = None) -> Any:
        """Return the outputs ``names`` for the inputs ``fed``."""
        return self._session.run(names, fed, options)
