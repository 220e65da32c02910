from collections.abc import Mapping
from typing import Any

from adapters.devpeers.mailbox import Letter
from entrypoints.cli.demo.member import Member, Shown
from entrypoints.cli.demo.play import Play
from entrypoints.cli.demo.promises import NotSeen, until

_WAYS = {"in_app": "in the app", "telegram": "on Telegram", "email": "by e-mail"}
_RECEIPTS = {"in_app": "stored", "telegram": "message {message_id}", "email": "{reply}"}


async def hear(play: Play, name: str, type: str) -> Shown:
    """Wait for somebody's next alert of this type, and until every channel has taken and shown it."""
    member = play.members[name]
    play.narrator.doing(f"waiting for {member.actor.title}'s alert")
    alert = await until(f"an alert {type} for {member.actor.title}", lambda: member.news(type))
    signal = await member.client.get(f"/v1/signals/{alert['signal_id']}")
    said = f"{type.replace('_', ' ')} for {member.actor.title}"
    play.narrator.tell("signal", said, f"{signal['asset']}, severity {signal['severity']}")
    play.narrator.tell("alert", alert["message"])
    await follow_deliveries(play, member, alert, "alarm", alert["message"])
    return alert


async def hear_all_clear(play: Play, name: str, alert: Shown) -> None:
    """Wait until an alert is over, and every channel has taken the all-clear."""
    member = play.members[name]
    over = await until(
        f"the all-clear of {member.actor.title}'s {alert['type']}",
        lambda: member.in_state(alert["id"], "resolved"),
    )
    play.narrator.tell("all clear", over["all_clear"])
    await follow_deliveries(play, member, alert, "all_clear", over["all_clear"])


async def follow_deliveries(play: Play, member: Member, alert: Shown, purpose: str, text: str) -> None:
    """Wait for a receipt from every channel; raises NotSeen when what it took did not truly arrive."""
    who = member.actor.title
    taken = await until(
        f"the receipts of {who}'s {alert['type']}", lambda: member.delivered(alert["id"], purpose)
    )
    receipts = {one["channel"]: one["receipt"] for one in taken}
    for channel in receipts:
        if not _arrived(play, member, channel, text):
            raise NotSeen(f"{who}'s {alert['type']} has a receipt from {channel}, but did not arrive there.")
    ways = [f"{_WAYS[one]} ({_RECEIPTS[one].format(**receipts[one])})" for one in _WAYS if one in receipts]
    play.narrator.tell("delivered", f"to {who} {', '.join(ways)}")


def ways_of(preferences: Mapping[str, Any]) -> str:
    """Say by which channels somebody is told."""
    return ", ".join(_WAYS[channel] for channel in preferences["notification_channels"])


def text_of(letter: Letter) -> str:
    """Return what a letter says."""
    body = letter.message.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def _arrived(play: Play, member: Member, channel: str, text: str) -> bool:
    match channel:
        case "telegram":
            mine = (one for one in play.stage.parts.bot.sent if one.chat_id == member.actor.chat_id)
            return any(_same(text, one.text) for one in mine)
        case "email":
            letters = (
                one for one in play.stage.parts.mailbox.letters if member.actor.email in one.recipients
            )
            return any(_same(text, text_of(one)) for one in letters)
        case _:
            return True  # it was read over HTTP before


def _same(text: str, arrived: str) -> bool:
    return " ".join(text.split()) in " ".join(arrived.split())
