from typing import Final

DEFAULT: Final = 100_000
"""Events that are read unless somebody asks for another number; the recorded runs take a million."""

chosen = DEFAULT
