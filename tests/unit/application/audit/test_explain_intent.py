from datetime import timedelta
from decimal import Decimal

import pytest
from tests.unit.application.market import CHAIN, USDC, wallet
from tests.unit.application.world import World

from application.audit.explaining.explain_intent import ExplainIntent
from application.audit.explaining.explanation import IntentExplanation
from application.intents.cancel_intent import CancelIntent
from application.intents.register_intent import RegisterIntent
from application.shared.reaction import source_of
from domain.intents.errors import IntentNotFound
from domain.intents.states import Armed, Intent
from domain.intents.terms import Action, ActionKind, Condition, Limits, Terms
from domain.shared.chain import Address
from domain.shared.ids import IntentId, UserId


def terms(world: World, of: Address, below: str = "1.2") -> Terms:
    return Terms(
        condition=Condition(wallet=of, chain_id=CHAIN, health_factor_below=Decimal(below)),
        action=Action(kind=ActionKind.REPAY, asset=USDC, amount=Decimal(1000)),
        limits=Limits(total=Decimal(5000), times=3, pause=timedelta(hours=1)),
        expires_at=world.clock.now() + timedelta(days=30),
    )


@pytest.fixture
async def alice(world: World) -> UserId:
    world.market.stakes = {wallet(1): (10, 10_000)}
    return await world.register(wallet(1), wallet(2))


async def armed(world: World, user: UserId, below: str = "1.2") -> Armed:
    registers = RegisterIntent(world.begin, world.clock, world.ids, [CHAIN])
    intent = await registers(actor=user, terms=terms(world, wallet(1), below))
    assert isinstance(intent, Armed)
    return intent


async def explained(world: World, intent: Intent, actor: UserId | None = None) -> IntentExplanation:
    return await ExplainIntent(world.begin)(actor=actor, intent_id=intent.id)


@pytest.mark.parametrize("theirs", [True, False], ids=["to its user", "to an auditor"])
async def test_an_armed_intents_policies_are_asked_again_of_the_facts_before_it(
    world: World, alice: UserId, theirs: bool
) -> None:
    await armed(world, alice)
    second = await armed(world, alice)
    await world.unlink(alice, wallet(2))
    told = await explained(world, second, alice if theirs else None)
    assert told.reproduced
    assert told.obstacle is None
    assert [(one.policy, one.agrees) for one in told.policies] == [
        ("own wallet", True),
        ("known chain", None),
        ("fits its limit", True),
        ("ends in time", True),
        ("not too many", True),
    ]
    assert [one.type for one in told.remade] == ["intent.armed.v1"]
    proposed, arming = (dict(step.figures) for step in told.steps)
    assert proposed["condition.health_factor_below"] == "1.2"
    assert arming == {"linked_wallets": f"{wallet(1)}, {wallet(2)}", "armed_before": "1"}


async def test_an_intent_that_no_policy_could_have_let_pass_is_not_reproduced(
    world: World, alice: UserId
) -> None:
    intent = await armed(world, alice)
    log = world.database.store.log
    index = next(index for index, one in enumerate(log) if one.type == "wallet.linked.v1")
    forged = log[index].stored.replace(wallet(1).encode(), wallet(7).encode())
    log[index] = log[index]._replace(stored=forged)
    told = await explained(world, intent)
    assert not told.reproduced
    assert told.policies[0].agrees is False
    assert "is not linked" in told.policies[0].said
    assert [one.remade for one in told.remade] == [None]


async def test_the_story_of_a_trigger_leads_to_the_block_and_the_condition_is_seen_again(
    world: World, alice: UserId
) -> None:
    intent = await armed(world, alice, below="1.5")
    other = await armed(world, alice, below="1.05")
    await world.live(1350)
    source = next(
        one for one in reversed(world.database.store.log) if one.type.startswith("positions.observed")
    )
    for one in (intent, other):
        async with world.begin(alice) as work:
            change = one.trigger(source=source_of(source), at=world.clock.now())
            await work.intents.record(change)
    for actor in (None, alice):
        told = await explained(world, intent, actor)
        assert told.reproduced
        assert [step.what for step in told.steps][-2:] == [
            "The wallet was read at one block.",
            "The condition was seen to hold.",
        ]
        assert told.seen is not None
    false = await explained(world, other)
    assert [(one.type, one.reproduced) for one in false.remade] == [
        ("intent.armed.v1", True),
        ("intent.triggered.v1", False),
    ]


async def test_what_a_user_takes_back_is_told_and_is_nobodys_decision_but_theirs(
    world: World, alice: UserId
) -> None:
    intent = await armed(world, alice)
    await CancelIntent(world.begin, world.clock)(actor=alice, intent_id=intent.id)
    told = await explained(world, intent)
    assert [step.what for step in told.steps][-1] == "The user took it back."
    assert [one.type for one in told.remade] == ["intent.armed.v1"]


async def test_another_users_intent_is_not_found(world: World, alice: UserId) -> None:
    intent = await armed(world, alice)
    stranger = await world.register(wallet(9))
    with pytest.raises(IntentNotFound):
        await explained(world, intent, stranger)
    with pytest.raises(IntentNotFound):
        await ExplainIntent(world.begin)(actor=None, intent_id=IntentId(alice))
