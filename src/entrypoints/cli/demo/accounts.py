import re

from adapters.devpeers.mailbox import Letter
from domain.shared.chain import short
from entrypoints.cli.demo.cast import CAST, Actor
from entrypoints.cli.demo.client import Client
from entrypoints.cli.demo.hearing import text_of, ways_of
from entrypoints.cli.demo.member import Member
from entrypoints.cli.demo.play import Play
from entrypoints.cli.demo.promises import until

_CODE = re.compile(r"Your code is (\S+)")


async def open_accounts(play: Play) -> None:
    """Let everybody who wants to be told sign in with their wallet, link their channels and say what they want."""
    play.narrator.act("Two people sign up")
    for actor in CAST:
        if actor.preferences is not None:
            play.members[actor.name] = await _join(play, actor)
    linked = all(member.actor.chat_id for member in play.members.values())
    play.promises.check(
        len(play.members) == 2 and linked,
        "Two users signed in with their wallets over HTTP, and linked Telegram.",
    )


async def _join(play: Play, actor: Actor) -> Member:
    play.narrator.doing(f"{actor.title} signs in")
    client, user_id = await play.stage.client.signed_in(actor.key, play.stage.chain_id)
    play.narrator.tell("set up", f"{actor.title} signed in with the wallet {short(actor.wallet)}.")
    if actor.chat_id is not None:
        await _link_telegram(play, client, actor.chat_id)
        play.narrator.tell("set up", f"{actor.title} linked Telegram by sending a code to the bot.")
    if actor.email is not None:
        await _link_email(play, client, actor.email)
        play.narrator.tell("set up", f"{actor.title} linked {actor.email} by a code that came by mail.")
    await client.put("/v1/me/preferences", actor.preferences)
    wishes = actor.preferences or {}
    limits = wishes["alert_thresholds"]
    play.narrator.tell(
        "set up",
        f"{actor.title} wants to hear of a health factor below {limits['health_factor_low']} "
        f"and {limits['health_factor_critical']}, {ways_of(wishes)}.",
    )
    return Member(actor, client, user_id)


async def _link_telegram(play: Play, client: Client, chat_id: str) -> None:
    code = (await client.post("/v1/me/telegram"))["code"]
    await play.stage.parts.bot.write(chat_id, f"/start {code}")

    async def linked() -> bool | None:
        return (await client.get("/v1/me"))["telegram_linked"] or None

    await until("the Telegram chat to be linked", linked)


async def _link_email(play: Play, client: Client, email: str) -> None:
    await client.post("/v1/me/email", {"email": email})

    async def letter_with_code() -> Letter | None:
        return next((one for one in play.stage.parts.mailbox.letters if email in one.recipients), None)

    letter = await until("the letter with the code", letter_with_code)
    found = _CODE.search(text_of(letter))
    await client.post("/v1/me/email/verification", {"code": found[1] if found else ""})
