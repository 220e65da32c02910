class PlimsollError(Exception):
    """A refusal whose text is a whole sentence, fit to be read by the person who caused it."""


class Invalid(PlimsollError):
    """What was asked is malformed or breaks a rule; asking the same again cannot succeed."""


class NotFound(PlimsollError):
    """There is no such thing, or none that the asker may see."""


class Conflict(PlimsollError):
    """The request was sound, but the state of the thing does not allow it now."""


class Denied(PlimsollError):
    """The asker is not known, or may not do this."""


class Unavailable(PlimsollError):
    """Something outside Plimsoll (a node, a mail server) does not answer; the same request may succeed later."""


class StaleWrite(Conflict):
    """Somebody else changed the same stream first; nothing was written."""

    def __init__(self, subject: object) -> None:
        super().__init__(f"{subject} was changed by somebody else in the meantime; load it again and retry.")
