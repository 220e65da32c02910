from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.unit.application.market import CHAIN, USDC
from tests.unit.application.world import World

from application.audit.replaying.fold import folded
from application.intents.cancel_intent import CancelIntent
from application.intents.get_intent import GetIntent
from application.intents.list_intents import ListIntents
from application.intents.register_intent import RegisterIntent
from application.shared.requests import KeyReused
from domain.identity.errors import UserGone
from domain.intents.errors import IntentNotCancellable, IntentNotFound, IntentRefused
from domain.intents.events import IntentArmed, IntentProposed
from domain.intents.policies import MOST_ARMED
from domain.intents.states import Armed
from domain.intents.terms import Action, ActionKind, Condition, Limits, Terms
from domain.shared.chain import Address
from domain.shared.ids import IntentId, UserId

WALLET = Address("0x" + "1" * 40)


def terms_of(world: World) -> Terms:
    return Terms(
        condition=Condition(wallet=WALLET, chain_id=CHAIN, health_factor_below=Decimal("1.2")),
        action=Action(kind=ActionKind.REPAY, asset=USDC, amount=Decimal(1000)),
        limits=Limits(total=Decimal(3000), times=3, pause=timedelta(hours=1)),
        expires_at=world.clock.now() + timedelta(days=30),
    )


def register(world: World) -> RegisterIntent:
    return RegisterIntent(world.begin, world.clock, world.ids, world.readers.chains)


async def test_what_every_policy_agrees_to_is_armed_and_its_history_says_so(world: World) -> None:
    user = await world.register(WALLET)
    intent = await register(world)(actor=user, terms=terms_of(world))
    assert isinstance(intent, Armed)
    async with world.begin(user) as work:
        history = await work.facts.of(intent.id)
    assert [type(recorded.fact) for recorded in history] == [IntentProposed, IntentArmed]
    assert folded(history) == await GetIntent(world.begin)(actor=user, intent_id=intent.id)


async def test_registering_under_the_same_id_again_changes_nothing(world: World) -> None:
    user, named = await world.register(WALLET), IntentId(world.ids.new())
    first = await register(world)(actor=user, terms=terms_of(world), id=named)
    world.clock.advance(timedelta(minutes=1))
    again = await register(world)(actor=user, terms=first.terms, id=named)
    assert again == first
    with pytest.raises(KeyReused):
        await register(world)(actor=user, terms=terms_of(world), id=named)
    await CancelIntent(world.begin, world.clock)(actor=user, intent_id=named)
    assert (await register(world)(actor=user, terms=first.terms, id=named)).status == "cancelled"
    assert len(await ListIntents(world.begin)(actor=user)) == 1


async def test_a_refused_intent_leaves_no_trace(world: World) -> None:
    user = await world.register(WALLET)
    late = replace(terms_of(world), expires_at=world.clock.now())
    async with world.begin(user) as work:
        before = await work.facts.last()
    with pytest.raises(IntentRefused, match="in the past"):
        await register(world)(actor=user, terms=late)
    async with world.begin(user) as work:
        assert await work.facts.last() == before


async def test_no_more_than_so_many_are_armed(world: World) -> None:
    user = await world.register(WALLET)
    armed = [await register(world)(actor=user, terms=terms_of(world)) for _ in range(MOST_ARMED)]
    with pytest.raises(IntentRefused, match="armed at once"):
        await register(world)(actor=user, terms=terms_of(world))
    await CancelIntent(world.begin, world.clock)(actor=user, intent_id=armed[-1].id)
    await register(world)(actor=user, terms=terms_of(world))


async def test_who_has_left_registers_nothing(world: World) -> None:
    user = await world.register(WALLET)
    await world.delete(user)
    with pytest.raises(UserGone):
        await register(world)(actor=user, terms=terms_of(world))


async def test_anothers_intent_does_not_exist(world: World) -> None:
    user, other = await world.register(WALLET), await world.register(Address("0x" + "2" * 40))
    intent = await register(world)(actor=user, terms=terms_of(world))
    with pytest.raises(IntentNotFound):
        await GetIntent(world.begin)(actor=other, intent_id=intent.id)
    with pytest.raises(IntentNotFound):
        await CancelIntent(world.begin, world.clock)(actor=other, intent_id=intent.id)
    assert await ListIntents(world.begin)(actor=UserId(other)) == ()


async def test_what_is_under_way_is_not_taken_back(world: World) -> None:
    user = await world.register(WALLET)
    intent = await register(world)(actor=user, terms=terms_of(world))
    assert isinstance(intent, Armed)
    async with world.begin(None) as work:
        await work.intents.record(intent.trigger(source="a batch", at=world.clock.now()))
    with pytest.raises(IntentNotCancellable):
        await CancelIntent(world.begin, world.clock)(actor=user, intent_id=intent.id)
