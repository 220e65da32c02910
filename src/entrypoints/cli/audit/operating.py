from typing import Any

from application.identity.appoint_operator import AppointOperator
from application.identity.dismiss_operator import DismissOperator
from application.identity.list_operators import ListOperators
from domain.identity.operator import Operator
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import written
from entrypoints.cli.audit.naming import user_named
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


def appoint(user: str, *, as_json: bool) -> None:
    """Make an operator of a user; raises Invalid, NotFound, and Conflict when they are one already."""
    operator = run(_appoint(user))
    if as_json:
        print_json(_shown(operator))
    else:
        console().print(f"{operator.user_id} may read everybody's audit from now on.", style="good")


def dismiss(user: str, *, as_json: bool) -> None:
    """Make a plain user of an operator; raises Invalid, NotFound, and Conflict when they are none."""
    operator = run(_dismiss(user))
    if as_json:
        print_json(_shown(operator))
    else:
        console().print(f"{operator.user_id} reads no audit but their own from now on.")


def show_operators(*, as_json: bool) -> None:
    """List those who are operators now."""
    found = run(_standing())
    if as_json:
        print_json({"operators": [_shown(one) for one in found]})
        return
    for one in found:
        console().print(f"{one.user_id}  since {written(one.appointed_at)}")
    if not found:
        console().print("Nobody is an operator. Appoint one with `plimsoll audit operators add USER`.")


async def _appoint(user: str) -> Operator:
    async with ledger() as container:
        appoint_operator = AppointOperator(container.begin(), container.clock())
        return await appoint_operator(user_id=await user_named(container, user))


async def _dismiss(user: str) -> Operator:
    async with ledger() as container:
        dismiss_operator = DismissOperator(container.begin(), container.clock())
        return await dismiss_operator(user_id=await user_named(container, user))


async def _standing() -> tuple[Operator, ...]:
    async with ledger() as container:
        return await ListOperators(container.begin())()


def _shown(operator: Operator) -> dict[str, Any]:
    dismissed = operator.dismissed_at
    return {
        "user_id": operator.user_id,
        "operator": operator.stands,
        "appointed_at": written(operator.appointed_at),
        "dismissed_at": None if dismissed is None else written(dismissed),
    }
