from typing import Final

from adapters.codec.codec import Codec
from adapters.codec.names import NAMES
from adapters.codec.upcasts import UPCASTS

CODEC: Final = Codec(NAMES, UPCASTS)
"""Every fact of every context; there is no other way into the log or out of it."""

encode = CODEC.encode
decode = CODEC.decode
decode_all = CODEC.decode_all
names_of = CODEC.names_of
