from application.audit.replaying.report import Difference, DifferenceKind
from application.shared.ports import Place


def ahead_of_the_log(reaction: str, followed: Place, end: Place) -> Difference:
    """Say that whatever comes next in the log would be passed over."""
    return _difference(
        f"{reaction} is on record as having followed the log to place {followed}, but it ends at {end}: "
        "what comes in between would never be looked at."
    )


def moved_back(reaction: str, followed: Place, before: Place) -> Difference:
    """Say that part of the log would be followed twice; what is remembered cannot be compared then."""
    return _difference(
        f"While this replay went on, the record of how far {reaction} has followed the log went back from place "
        f"{before} to {followed}, which it never does by itself; what it remembers was not compared."
    )


def _difference(sentence: str) -> Difference:
    return Difference(kind=DifferenceKind.CHECKPOINT_ALTERED, id=None, place=None, sentence=sentence)
