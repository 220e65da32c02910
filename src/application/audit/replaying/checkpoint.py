from application.audit.replaying.report import Difference, DifferenceKind
from application.shared.ports import Place


def ahead_of_the_log(checkpoint: Place, end: Place) -> Difference:
    """Say that whatever comes next in the log would be passed over."""
    return _difference(
        f"The detectors are on record as having followed the log to place {checkpoint}, but it ends at {end}: "
        "what comes in between would never be looked at."
    )


def moved_back(checkpoint: Place, before: Place) -> Difference:
    """Say that part of the log would be followed twice; what is remembered cannot be compared then."""
    return _difference(
        f"While this replay went on, the record of how far the detectors have followed the log went back from place "
        f"{before} to {checkpoint}, which it never does by itself; what they remember was not compared."
    )


def _difference(sentence: str) -> Difference:
    return Difference(kind=DifferenceKind.CHECKPOINT_ALTERED, id=None, place=None, sentence=sentence)
