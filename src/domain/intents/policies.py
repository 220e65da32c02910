from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from domain.intents.states import Proposed
from domain.shared.chain import Address, ChainId, short
from domain.shared.money import plain

MOST_ARMED = 50
LONGEST_LIFE = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the policies look at besides the intent itself."""

    now: datetime
    wallets: Collection[Address]
    chains: Collection[ChainId]
    armed: int


Policy: TypeAlias = Callable[[Proposed, Circumstances], str | None]


def own_wallet(intent: Proposed, around: Circumstances) -> str | None:
    """Refuse to act for a wallet that the user has not proven to hold."""
    wallet = intent.terms.condition.wallet
    return None if wallet in around.wallets else f"The wallet {short(wallet)} is not linked to your account."


def known_chain(intent: Proposed, around: Circumstances) -> str | None:
    """Refuse a chain that nobody watches."""
    chain = intent.terms.condition.chain_id
    return None if chain in around.chains else f"Chain {chain} is not configured here."


def fits_its_limit(intent: Proposed, around: Circumstances) -> str | None:
    """Refuse an action that could never happen within its own limit."""
    action, limits = intent.terms.action, intent.terms.limits
    if action.amount > limits.total:
        return f"One action of {plain(action.amount)} is more than the total limit of {plain(limits.total)}."
    return None


def ends_in_time(intent: Proposed, around: Circumstances) -> str | None:
    """Refuse an expiry in the past, or further away than anybody can foresee."""
    if intent.terms.expires_at <= around.now:
        return "The expiry is in the past."
    if intent.terms.expires_at > around.now + LONGEST_LIFE:
        return "An intent lives for a year at most."
    return None


def not_too_many(intent: Proposed, around: Circumstances) -> str | None:
    """Bound what one user can leave armed."""
    return f"At most {MOST_ARMED} intents can be armed at once." if around.armed >= MOST_ARMED else None


POLICIES: tuple[Policy, ...] = (own_wallet, known_chain, fits_its_limit, ends_in_time, not_too_many)


def refusal(intent: Proposed, around: Circumstances, policies: tuple[Policy, ...] = POLICIES) -> str | None:
    """Return the first policy's sentence against the intent, or None when all agree."""
    return next((no for policy in policies if (no := policy(intent, around)) is not None), None)
