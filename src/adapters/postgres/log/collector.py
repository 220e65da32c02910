import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_resting() -> Iterator[None]:
    """Let nobody search all objects for cycles for the sake of so many new ones, which have none.

    What whoever takes the runs leaves behind in cycles is collected after each segment.
    """
    resting = not gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not resting:
            gc.enable()
