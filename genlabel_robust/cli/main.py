"""The command group, and the exit code for each kind of error."""

import io
import os
import sys
from collections.abc import Sequence

import click

from genlabel_robust.cli.commands.audit import audit
from genlabel_robust.cli.commands.baseline import baseline
from genlabel_robust.cli.commands.compare import compare
from genlabel_robust.cli.commands.config import config
from genlabel_robust.cli.commands.evaluate import evaluate
from genlabel_robust.cli.commands.examples import examples
from genlabel_robust.cli.commands.gate import gate
from genlabel_robust.cli.commands.list import list_names
from genlabel_robust.cli.commands.report import report
from genlabel_robust.cli.commands.reproduce import reproduce
from genlabel_robust.cli.commands.schema import schema
from genlabel_robust.cli.commands.threat import threat
from genlabel_robust.cli.commands.verify import verify
from genlabel_robust.cli.printing import say, say_text
from genlabel_robust.cli.site import pointer
from genlabel_robust.core import GenlabelRobustError
from genlabel_robust.core.unforeseen import DEBUG, one_line
from genlabel_robust.core.version import __version__

INTERRUPTED = 130
#: The name of the installed command, and the command to use without it.
PROGRAM, AS_A_MODULE = "genlabel-robust", "python -m genlabel_robust"
#: The maximum length of a message, in characters.
_LONGEST = 4000


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"{AS_A_MODULE} is the same command. {pointer()}".rstrip(),
)
@click.version_option(__version__, prog_name="genlabel_robust")
def commands() -> None:
    """Train classifiers under each augmentation strategy, attack them, report how robust they are.

    Exit codes: 0 fine, or the gate passed; 1 the gate failed, or verify found a difference; 2
    usage or configuration; 3 unfinished cells, nothing evaluated, or an internal error; 4 not
    comparable; 5 inconclusive; 6 an attack broke its contract, or is weaker than the baseline's;
    130 interrupted, run the command again to continue.
    """


commands.add_command(audit)
commands.add_command(baseline)
commands.add_command(compare)
commands.add_command(config)
commands.add_command(evaluate)
commands.add_command(examples)
commands.add_command(gate)
commands.add_command(list_names)
commands.add_command(report)
commands.add_command(reproduce)
commands.add_command(schema)
commands.add_command(threat)
commands.add_command(verify)


def run(arguments: Sequence[str]) -> int:
    """Run the command line on ``arguments`` and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a code page without ε must not crash the run
            stream.reconfigure(errors="backslashreplace")
    try:
        code = commands.main(list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except click.exceptions.Abort:
        return _interrupted()
    except KeyboardInterrupt:
        return _interrupted()
    except click.ClickException as error:
        text = io.StringIO()
        error.show(file=text)
        say_text(text.getvalue(), err=True)
        return error.exit_code
    except click.exceptions.Exit as error:
        return error.exit_code
    except GenlabelRobustError as error:
        return _failed(str(error), error.exit_code)
    except OSError as error:
        return _failed(f"{error}; finished cells are kept: repeat the command")
    except MemoryError:
        return _failed(
            "there is not enough memory; finished cells are kept: compute less at once, such as "
            "with fewer --jobs"
        )
    except Exception as error:  # all other errors: this package's exit code, not Python's
        page = pointer("reference/exit-codes/")
        return _failed(f"{one_line(error)}; finished cells are kept. {page}".rstrip(". "))
    except SystemExit:
        # click exits like this when the reader of a pipe, such as `head`, closes it
        return 0
    # the code that a command passed to click's Exit; None from all other commands
    return code if isinstance(code, int) else 0


def _failed(message: str, exit_code: int = GenlabelRobustError.exit_code) -> int:
    """Print ``message``, cut to ``_LONGEST``, as an error on stderr, and return ``exit_code``."""
    if os.environ.get(DEBUG):
        import traceback

        say_text(traceback.format_exc(), err=True)
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]}... (cut)"
    say(f"error: {message}", err=True)
    return exit_code


def _interrupted() -> int:
    say("interrupted; finished cells are kept: repeat the command to continue", err=True)
    return INTERRUPTED
