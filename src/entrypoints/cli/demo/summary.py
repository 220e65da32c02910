from typing import Any

from entrypoints.cli.demo.play import Play
from entrypoints.cli.version import installed_version


def summary_of(play: Play, seconds: float, failure: str | None) -> dict[str, Any]:
    """Return what the demo saw, as a program reads it: amounts are strings with every digit."""
    report = play.report
    return {
        "plimsoll": installed_version(),
        "succeeded": failure is None and play.promises.kept,
        "failure": failure,
        "seconds": round(seconds, 2),
        "chain": {
            "chain_id": play.stage.chain_id,
            "protocol": "aave_v3",
            "pool": play.stage.parts.market.pool,
        },
        "positions": play.scenes[-1]["positions"] if play.scenes else [],
        "scenes": play.scenes,
        "signals": play.signals,
        "alerts": play.alerts,
        "messages": {
            "telegram": len(play.stage.parts.bot.sent),
            "email": len(play.stage.parts.mailbox.letters),
        },
        "liquidation": play.liquidation,
        "replay": None
        if report is None
        else {
            "identical": report.identical,
            "facts": report.facts,
            "streams": report.streams,
            "states": report.states,
            "memories": report.memories,
            "decisions": report.decisions,
            "pending": report.pending,
            "differences": [one.sentence for one in report.differences],
            "alerts_reproduced": sum(alert["reproduced"] for alert in play.alerts),
        },
        "promises": [
            {"sentence": one.sentence, "kept": one.kept, "seen": one.seen} for one in play.promises.made
        ],
    }
