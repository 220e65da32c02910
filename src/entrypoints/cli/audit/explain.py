from typing import Any

from application.audit.explaining.ask_chain import ChainAnswer, Verdict
from application.audit.explaining.explanation import Explanation, IntentExplanation
from application.shared.ports import Place
from domain.alerts.errors import AlertNotFound
from domain.shared.errors import Conflict, NotFound, Unavailable
from domain.shared.ids import AlertId, Id, IntentId, derived
from entrypoints.cli.audit.chain_answer import answer_line, drawn_answer
from entrypoints.cli.audit.explained import drawn, line_of
from entrypoints.cli.audit.kinds import id_typed
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json
from entrypoints.container.core import Core


def explain(named: str, *, onchain: bool, as_json: bool) -> None:
    """Tell the story of an alert or intent from the log, and ask a node of its chain too if that is wanted.

    Raises NotFound, Conflict when it does not come out the same again, and Unavailable when the node cannot say.
    """
    told, answer = run(_explained(named, onchain=onchain))
    if as_json:
        print_json({**line_of(told), **({"onchain": _answered(answer)} if onchain else {})})
    else:
        console().print(drawn(told))
        if onchain:
            console().print(drawn_answer(answer))
    if not told.reproduced:
        raise Conflict(
            told.obstacle or "The decisions on record are not those that the stored facts lead to."
        )
    if answer is not None and answer.verdict is Verdict.DIFFERS:
        raise Conflict("What is on record is not what the node answers at the same block hash.")
    if answer is not None and answer.verdict is Verdict.UNKNOWN:
        raise Unavailable("Nobody knows whether the chain says the same: the node could not answer.")


async def _explained(
    named: str, *, onchain: bool
) -> tuple[Explanation | IntentExplanation, ChainAnswer | None]:
    async with ledger() as container:
        told = await _told(container, named)
        if not onchain or told.seen is None:
            return told, None
        try:
            return told, await container.ask_chain()(told.seen)
        finally:
            await container.chains().close()


async def _told(container: Core, named: str) -> Explanation | IntentExplanation:
    fact = await _fact(container, named.strip())
    match fact:
        case object(alert_id=str() as id):
            return await container.explain_alert()(actor=None, alert_id=AlertId(Id(id)))
        case object(intent_id=str() as id):
            return await container.explain_intent()(actor=None, intent_id=IntentId(Id(id)))
        case object(signal_id=str() as id):
            try:
                alert_id = AlertId(derived("alert", id))
                return await container.explain_alert()(actor=None, alert_id=alert_id)
            except AlertNotFound:
                raise NotFound(f"No alert was raised for the signal {id}.") from None
        case _:
            raise NotFound(f"There is no alert and no intent {named[:60]}: only these are explained.")


async def _fact(container: Core, named: str) -> object:
    """Return a fact of what somebody named, by its id or by a position of the log."""
    list_facts = container.list_facts()
    if named.isascii() and named.isdigit():
        place = Place(min(int(named[:20]), 2**63 - 1))
        found = await list_facts(actor=None, since=place, until=place, limit=1)
        if not found:
            raise NotFound(f"The log has no position {place}.")
    else:
        found = await list_facts(actor=None, stream=id_typed(named), limit=1)
        if not found:
            raise NotFound(f"There is no alert and no intent {named}.")
    return found[0].fact


def _answered(answer: ChainAnswer | None) -> dict[str, Any] | None:
    return None if answer is None else answer_line(answer)
