from typing import Any

from application.audit.replaying.report import ReplayReport


def report_of(report: ReplayReport) -> dict[str, Any]:
    """Return a report as a program reads it."""
    return {
        "identical": report.identical,
        "since": report.since,
        "until": report.until,
        "facts": report.facts,
        "streams": report.streams,
        "states": report.states,
        "states_compared": report.states_compared,
        "memories": report.memories,
        "followed": report.followed,
        "stakes": report.stakes,
        "fingerprints": report.fingerprints,
        "decisions": report.decisions,
        "pending": report.pending,
        "count": report.count,
        "differences": [
            {
                "kind": one.kind,
                "id": one.id,
                "place": one.place,
                "sentence": one.sentence,
                "fields": [
                    {"name": field.name, "stored": field.stored, "replayed": field.replayed}
                    if field.shown
                    else {"name": field.name}
                    for field in one.fields
                ],
            }
            for one in report.differences
        ],
    }
