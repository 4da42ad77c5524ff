"""A session with a time limit, for graphs with loops."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

#: The time limit of one run, of at most 4096 rows, in seconds.
LONGEST = 300.0


@dataclass(frozen=True, eq=False)
class Timed:
    """An onnxruntime ``session`` whose runs stop after ``LONGEST``, or on a keyboard interrupt.

    The number of iterations of a loop can depend on the rows. onnxruntime stops only when its own
    flag is set, so the run is in a thread.
    """

    session: Any

    def get_inputs(self) -> Any:
        """Return onnxruntime's descriptions of the inputs."""
        return self.session.get_inputs()

    def get_outputs(self) -> Any:
        """Return onnxruntime's descriptions of the outputs."""
        return self.session.get_outputs()

    def run(self, names: list[str], fed: dict[str, Any]) -> Any:
        """Return the outputs ``names``; raises ``TimeoutError`` after ``LONGEST``."""
        import onnxruntime

        options = onnxruntime.RunOptions()
        options.log_severity_level = 4
        with ThreadPoolExecutor(1) as pool:
            made = pool.submit(self.session.run, names, fed, options)
            try:
                return made.result(LONGEST)
            except TimeoutError:
                raise TimeoutError(f"it takes more than {LONGEST:g} s") from None
            finally:
                options.terminate = True
