from adapters.codec.ids import packed
from adapters.codec.sealing import NotSealed, SubjectKey
from adapters.codec.states import UnreadableState, decode_state, encode_state
from application.audit.ports import State, StreamSnapshot
from application.shared.ports import Place
from domain.shared.ids import Id


def seal_snapshot(snapshot: StreamSnapshot, key: SubjectKey, code: bytes) -> bytes:
    """Return a snapshot's state sealed with its user's key: nobody else can read it, and nobody can make one up."""
    state = snapshot.state
    about = _about(state.id, state.version, snapshot.place, code)
    return key.seal(encode_state(state), about).encode()


def open_snapshot(
    stored: bytes, key: SubjectKey, code: bytes, *, stream: Id, version: int, place: Place
) -> State | None:
    """Return the state that was sealed for this version of this stream, at this position; None for anything else."""
    try:
        state = decode_state(key.open(stored.decode(), _about(stream, version, place, code)))
    except (NotSealed, UnreadableState, UnicodeDecodeError):
        return None
    return state if (state.id, state.version) == (stream, version) else None


def _about(stream: Id, version: int, place: Place, code: bytes) -> bytes:
    return b"stream-snapshot" + packed(stream) + version.to_bytes(8, "big") + place.to_bytes(8, "big") + code
