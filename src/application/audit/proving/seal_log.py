from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.audit.proving.chain import Chain
from application.audit.proving.diagnosis import diagnose
from application.audit.proving.finding import Finding
from application.audit.proving.proof_work import ProofWork
from application.audit.proving.roots import first_fault
from application.audit.proving.seals import NOTHING, Anchor, Seal, SealSigner, Statement, StoredSeal
from application.shared.ports import Begin, Clock
from domain.shared.errors import Conflict, PlimsollError, Unavailable

EVERY: Final = timedelta(minutes=5)
"""How old the newest seal gets before the worker makes another."""

PAGE: Final = 4096


class LogAltered(Conflict):
    """What is on record since the last seal does not hold, and is not signed."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"The log is not sealed, for it was tampered with. {finding.sentence}")


class NotAnchored(Unavailable):
    """The seals are on record, and `seal` is the one just made; not all are outside the database yet."""

    def __init__(self, seal: Seal | None, reason: PlimsollError) -> None:
        super().__init__(f"The newest seal is not anchored outside the database yet. {reason}")
        self.seal = seal


@dataclass(frozen=True, slots=True)
class SealLog:
    """Sign the head of the log, after hashing again everything that came since the last seal.

    A seal therefore never vouches for what does not hold, and never changes its mind about what an earlier one covers.
    """

    begin: Begin[ProofWork]
    clock: Clock
    signer: SealSigner
    anchor: Anchor

    async def __call__(self, *, every: timedelta = timedelta(0)) -> Seal | None:
        """Seal what is new, unless the last seal is younger than `every`; raises LogAltered.

        Returns None when nothing is new, or another worker was first. Seals that were not anchored yet are; raises
        NotAnchored, after the seal was made, when that fails.
        """
        async with self.begin(None) as work:
            last = await work.seals.last()
            if last is not None and self.clock.now() - last.seal.statement.sealed_at < every:
                return None
            made = await self._next(work, last)
            added = made is not None and await work.seals.add(made)
        seal = made.seal if made is not None and added else None
        await self._anchor(seal)
        return seal

    async def _next(self, work: ProofWork, last: StoredSeal | None) -> StoredSeal | None:
        chain = Chain() if last is None else Chain.at(last)
        if last is not None and chain is None:
            raise Conflict(
                f"What is stored beside seal {last.seal.statement.number} is not what it signed, so no seal can follow "
                "it: `plimsoll audit verify` says more."
            )
        chain = chain or Chain()
        begun = chain.number
        await _follow(work, chain)
        if chain.number == begun:
            return None
        statement = Statement(
            number=1 if last is None else last.seal.statement.number + 1,
            commit_count=chain.number,
            position=chain.end,
            tree_root=chain.tree.root(),
            chain=chain.head,
            previous=NOTHING if last is None else last.seal.digest(),
            sealed_at=self.clock.now(),
            key_id=self.signer.key_id,
        )
        return StoredSeal(self.signer.sign(statement), tuple(chain.tree.peaks))

    async def _anchor(self, made: Seal | None) -> None:
        number = None
        while True:
            try:
                number = await self.anchor.last() if number is None else number
                page = await self._after(number)
                if not page:
                    return
                await self.anchor.keep(page)
            except PlimsollError as error:
                raise NotAnchored(made, error) from error
            number = page[-1].statement.number

    async def _after(self, number: int) -> list[Seal]:
        async with self.begin(None) as work:
            return [one.seal for one in await work.seals.after(number, limit=PAGE)]


async def _follow(work: ProofWork, chain: Chain) -> None:
    while page := await work.stored_log.commits(after=chain.number, limit=PAGE):
        before = chain.end
        for commit in page:
            fault = chain.fault(commit)
            if fault is not None:
                raise LogAltered(fault)
            chain.take(commit)
        wrong = await first_fault(work.stored_log, before, page)
        if wrong is not None:
            raise LogAltered(await diagnose(work.stored_log, wrong))
