from adapters.codec.events import encode
from adapters.codec.personal import PERSONAL, masked
from application.shared.ports import Recorded


def reproduced(recorded: Recorded) -> bool:
    """Say whether writing the fact again gives the very bytes that are stored, so that reading overlooked nothing.

    Personal fields are left out, which may be sealed, or gone; of facts that have any, so is the spelling. Facts of
    older versions are written in today's, and nothing is said of them: `decode` refuses those of which something is
    left over.
    """
    name, payload = encode(recorded.fact)
    if name != recorded.type or payload == recorded.stored:
        return True
    return name in PERSONAL and masked(name, payload) == masked(name, recorded.stored)
