from typing import Final

FORGOTTEN: Final = "(forgotten)"
"""Stands where something personal stood until its subject was forgotten; nobody can say any more what it was."""
