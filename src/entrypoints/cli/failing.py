import errno
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from rich.text import Text

from adapters.postgres.embedded.failure import EmbeddedPostgresFailed
from domain.shared.errors import PlimsollError
from entrypoints.cli.terminal import console

_SPEAKING = (PlimsollError, EmbeddedPostgresFailed)


@contextmanager
def failing_clearly(*, debug: bool) -> Iterator[None]:
    """Turn whatever ends the block into a sentence on standard error and exit status 1.

    The text of an error that nobody foresaw may hold a secret, so it is shown only to who asks for the traceback.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the last place where an error can become a sentence
        if debug:
            traceback.print_exc()
        console(error=True).print(Text.assemble(("Error: ", "danger"), sentence_of(error)), soft_wrap=True)
        sys.exit(1)


def sentence_of(error: BaseException) -> str:
    """Say what went wrong and what to do, without any detail that could be secret."""
    error = _cause(error)
    if isinstance(error, _SPEAKING):
        return str(error)
    if isinstance(error, OSError):
        return _refused(error)
    return (
        f"Plimsoll met a {type(error).__name__} that it did not expect. That is a mistake in Plimsoll: "
        "run the same command with --debug to see where, and please report it."
    )


def _cause(error: BaseException) -> BaseException:
    """Return the first error of a group that speaks for itself."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    causes = [_cause(one) for one in error.exceptions]
    return next((one for one in causes if isinstance(one, (*_SPEAKING, OSError))), causes[0])


def _refused(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            "The port is taken by another program: stop that one, or choose another with --port (0 for any)."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return "This machine does not have the address to listen on: choose another with --host."
    if error.errno == errno.EACCES and error.filename is None:
        return "This user may not listen on that port: choose one above 1023 with --port."
    place = f" ({error.filename})" if error.filename else ""
    return f"The operating system refused: {error.strerror or type(error).__name__}{place}."
