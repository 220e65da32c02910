from typing import Any

from application.audit.forgetting.forget_user import Forgetting, ForgetUser
from domain.shared.ids import UserId
from entrypoints.cli.asking import ask_first
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.moment import written
from entrypoints.cli.audit.naming import user_named
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


def forget_user(named: str, *, yes: bool, as_json: bool) -> None:
    """Forget a user after asking; raises Invalid, NotFound, and Conflict when nobody says yes."""
    user_id, foreseen = run(_foreseen(named))
    if not foreseen.done_before:
        if not as_json:
            _warn(foreseen)
        ask_first(f"Forget the user {user_id} for ever?", yes=yes)
    done = run(_forget(user_id))
    if as_json:
        print_json(_shown(done))
    else:
        _tell(done)


def forget_again(*, as_json: bool) -> None:
    """Destroy the keys that a backup brought back of users who were forgotten."""
    done = run(_again())
    if as_json:
        print_json({"forgotten": [_shown(one) for one in done]})
        return
    for one in done:
        console().print(f"{one.user.id} is forgotten again.", style="good")
    if not done:
        console().print("Nobody who was forgotten has a key.", style="good")


async def _foreseen(named: str) -> tuple[UserId, Forgetting]:
    async with ledger() as container:
        user_id = await user_named(container, named)
        return user_id, await ForgetUser(container.begin(), container.clock()).foreseen(user_id)


async def _forget(user_id: UserId) -> Forgetting:
    async with ledger() as container:
        return await ForgetUser(container.begin(), container.clock())(user_id)


async def _again() -> list[Forgetting]:
    async with ledger() as container:
        forget = ForgetUser(container.begin(), container.clock())
        return [await forget(user_id) for user_id in await forget.revived()]


def _warn(foreseen: Forgetting) -> None:
    user, facts, screen = foreseen.user, foreseen.facts, console(error=True)
    known = [
        what
        for what, there in (("a mailbox", user.email), ("a Telegram chat", user.telegram_chat_id))
        if there is not None
    ]
    told = " and ".join(known) or "no mailbox or chat"
    left = "" if user.deleted_at is None else f", left {written(user.deleted_at)}"
    screen.print(
        f"The user {user.id} signs in with {user.wallet_address}, since {written(user.registered_at)}{left}."
    )
    screen.print(f"  Known of them: {told}, {_some(len(user.wallets), 'wallet')}.")
    screen.print(
        f"  The personal fields of {_some(facts.sealed, 'fact')} become unreadable, here and in every copy."
    )
    if not facts.complete:
        screen.print("  Archives that cannot be read here may hold more; with the key gone, so are those.")
    if foreseen.withdrawn:
        screen.print(f"  {_some(foreseen.withdrawn, 'message')} not sent yet will not go out.")
    if facts.in_the_clear:
        screen.print(
            f"  {_some(facts.in_the_clear, 'fact')} of before Plimsoll sealed anything: it shows their personal fields "
            "no more, but whoever reads the table itself can.",
            style="danger",
        )


def _tell(done: Forgetting) -> None:
    at = done.at
    when = "" if at is None else f" since {written(at)}"
    if done.done_before:
        console().print(f"{done.user.id} is forgotten{when}; there was nothing left to do.")
        return
    console().print(
        f"{done.user.id} is forgotten: {_some(done.facts.sealed, 'fact')} unreadable where it says who that was, "
        f"{_some(done.withdrawn, 'message')} withdrawn, {_some(done.erased, 'other row')} removed or blanked.",
        style="good",
    )


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _shown(done: Forgetting) -> dict[str, Any]:
    return {
        "user_id": done.user.id,
        "forgotten_at": None if done.at is None else written(done.at),
        "done_before": done.done_before,
        "sealed_facts": done.facts.sealed,
        "facts_in_the_clear": done.facts.in_the_clear,
        "facts_complete": done.facts.complete,
        "withdrawn": done.withdrawn,
        "erased": done.erased,
    }
