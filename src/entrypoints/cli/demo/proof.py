from collections import Counter
from collections.abc import Mapping, Sequence

from application.audit.replaying.report import ReplayReport
from entrypoints.cli.demo.member import Member
from entrypoints.cli.demo.play import Play
from entrypoints.cli.demo.promises import until


async def prove(play: Play, expected: Mapping[str, Sequence[str]]) -> None:
    """Have every decision made again from the log, and count what was promised against what was seen."""
    play.narrator.act("Replay: every decision is made again from the log")
    for member in play.members.values():
        await _collect(play, member)
    _check_readings(play)
    _check_alerts(play, expected)
    await _replay(play)


def _check_readings(play: Play) -> None:
    equal = sum(sight.equal for sight in play.sights)
    play.promises.check(
        equal == len(play.sights) > 0,
        "Health factors equal the contract's at the same block, to the last digit.",
        f"{equal} of {len(play.sights)} readings, the contract asked through web3.py",
    )


def _check_alerts(play: Play, expected: Mapping[str, Sequence[str]]) -> None:
    for name, types in expected.items():
        got = Counter(alert["type"] for alert in play.alerts if alert["user"] == name)
        play.promises.check(
            got == Counter(types),
            f"{play.members[name].actor.title} was told of each reason once, and of nothing else.",
            ", ".join(f"{one.replace('_', ' ')}" for one in types),
        )
    attempts = [delivery for alert in play.alerts for delivery in alert["deliveries"]]
    taken = [one for one in attempts if one["status"] == "delivered" and one["receipt"]]
    channels = Counter(one["channel"] for one in taken)
    play.promises.check(
        len(taken) == len(attempts) > 0 and len(channels) > 1,
        "Every message was delivered, with a receipt.",
        ", ".join(f"{channel.replace('_', '-')} {count}" for channel, count in sorted(channels.items())),
    )


async def _collect(play: Play, member: Member) -> None:
    async for signal in member.client.items("/v1/signals"):
        play.signals.append({"user": member.actor.name, **signal})
    async for alert in member.client.items("/v1/alerts"):
        shown = await member.client.get(f"/v1/alerts/{alert['id']}")
        told = await member.client.get(f"/v1/audit/alerts/{alert['id']}/replay")
        play.alerts.append(
            {
                "user": member.actor.name,
                **shown["alert"],
                "deliveries": shown["deliveries"],
                "reproduced": told["reproduced"],
            }
        )


async def _replay(play: Play) -> None:
    play.narrator.doing("replaying the log")

    async def caught_up() -> ReplayReport | None:
        report = await play.stage.replay()
        return None if report.pending else report

    play.report = report = await until("the replay to find every decision made", caught_up)
    for difference in report.differences:
        play.narrator.tell("replay", difference.sentence)
    again = sum(alert["reproduced"] for alert in play.alerts)
    figures = f"{report.facts} facts, {report.states} states, {report.memories} memories, {report.decisions} decisions"
    play.narrator.tell("replay", f"{figures}: {len(report.differences)} differences.")
    play.promises.check(report.identical, "Replay came to the same, byte for byte.", figures)
    play.promises.check(
        again == len(play.alerts) > 0,
        "Each alert explains itself to its user, and its decisions come out the same again.",
        f"{again} of {len(play.alerts)} alerts",
    )
