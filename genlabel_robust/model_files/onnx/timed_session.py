"""A session of a graph with loops: each run has to end."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

#: The longest run, in seconds, of at most 4096 rows.
LONGEST = 300.0


@dataclass(frozen=True, eq=False)
class Timed:
    """An onnxruntime ``session`` whose runs end after ``LONGEST``, or when they are interrupted.

    How long a loop is can lie in the rows. onnxruntime looks at nothing but its own flag.
    """

    session: Any

    def get_inputs(self) -> Any:
        """Return what the session takes."""
        return self.session.get_inputs()

    def get_outputs(self) -> Any:
        """Return what the session gives."""
        return self.session.get_outputs()

    def run(self, names: list[str], fed: dict[str, Any]) -> Any:
        """Return the outputs ``names``; raises ``TimeoutError``."""
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
