from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from domain.shared.errors import Invalid
from entrypoints.settings import Settings


def load_settings(**given: Any) -> Settings:
    """Read the environment and `.env`; what is given here wins. Raises Invalid, naming each wrong variable.

    The wrong values themselves are never repeated: they may be secrets.
    """
    try:
        return Settings(**given)
    except ValidationError as wrong:
        complaints = "; ".join(
            _complaint(error) for error in wrong.errors(include_input=False, include_url=False)
        )
        raise Invalid(f"The configuration is not right: {complaints}.") from None
    except SettingsError:
        raise Invalid(
            "The configuration is not right: a section is not written as it should be. Give each value a variable of "
            "its own, as in PLIMSOLL_CHAINS__1__RPC_URL=https://… and PLIMSOLL_HTTP__PORT=8000."
        ) from None


def _complaint(error: Mapping[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{_variable([str(part) for part in error['loc'] if part != '[key]'])}: {message}"


def _variable(path: list[str]) -> str:
    if not path:
        return "a variable"
    if path[0].lower() == "database_url":
        return "DATABASE_URL"
    return "PLIMSOLL_" + "__".join(part.upper() for part in path)
