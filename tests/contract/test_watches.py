from tests.contract.work import Work
from tests.examples import AT, CHAIN, subject, wallet

from application.shared.ports import Begin
from domain.identity.preferences import SignalType
from domain.shared.chain import ChainId
from domain.shared.ids import SignalId, UserId, derived
from domain.signals.watch import Episode, PriceReference, Watch

People = tuple[UserId, UserId]

CALM = Watch(
    subject=subject("ada"),
    references=(
        PriceReference(wallet("asset WETH"), 2**256 - 1, AT),
        PriceReference(wallet("asset USDC"), 0, AT),
    ),
)
ALARMED = Watch(
    subject=subject("bob"),
    episodes=(
        Episode(SignalType.HEALTH_FACTOR_LOW, SignalId(derived("signal", 1))),
        Episode(SignalType.HEALTH_FACTOR_CRITICAL, SignalId(derived("signal", 2))),
    ),
)


async def test_memories_come_back_as_stored(begin: Begin[Work], people: People) -> None:
    async with begin(None) as work:
        await work.watches.put([CALM, ALARMED])
        await work.watches.put([])
    async with begin(None) as work:
        asked = [CALM.subject, ALARMED.subject, subject("ada", chain_id=ChainId(10))]
        assert await work.watches.of(asked) == {CALM.subject: CALM, ALARMED.subject: ALARMED}
        assert await work.watches.of([]) == {}


async def test_a_memory_takes_the_place_of_the_earlier_one(begin: Begin[Work], people: People) -> None:
    after = ALARMED.closed(SignalType.HEALTH_FACTOR_LOW)
    async with begin(None) as work:
        await work.watches.put([ALARMED])
        await work.watches.put([after])
        assert await work.watches.of([ALARMED.subject]) == {ALARMED.subject: after}


async def test_standing_episodes_are_found_by_wallet(begin: Begin[Work], people: People) -> None:
    elsewhere = Watch(subject=subject("bob", chain_id=ChainId(10)), episodes=ALARMED.episodes)
    async with begin(None) as work:
        await work.watches.put([CALM, ALARMED, elsewhere])
        wallets = [wallet("ada"), wallet("bob")]
        assert list(await work.watches.standing(CHAIN, wallets)) == [ALARMED]
        assert list(await work.watches.standing(CHAIN, [wallet("ada")])) == []
        assert list(await work.watches.standing(ChainId(10), wallets)) == [elsewhere]


async def test_a_wallets_memories_are_found_by_its_user(begin: Begin[Work], people: People) -> None:
    other_chain = Watch(subject=subject("ada", chain_id=ChainId(10)))
    async with begin(None) as work:
        await work.watches.put([CALM, ALARMED, other_chain])
        both = sorted([CALM, other_chain], key=lambda watch: str(watch.subject))
        assert list(await work.watches.of_wallet(people[0], wallet("ada"))) == both
        assert list(await work.watches.of_wallet(people[0], None)) == both
        assert list(await work.watches.of_wallet(people[0], wallet("bob"))) == []


async def test_a_user_reads_nobody_elses_memories(begin: Begin[Work], people: People) -> None:
    async with begin(None) as work:
        await work.watches.put([CALM, ALARMED])
    async with begin(people[0]) as work:
        assert await work.watches.of([CALM.subject, ALARMED.subject]) == {CALM.subject: CALM}
        assert list(await work.watches.of_wallet(people[1], None)) == []
