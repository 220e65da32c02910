from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from tests.examples import AT, CHAIN, proposed, wallet

from domain.intents.policies import LONGEST_LIFE, MOST_ARMED, Circumstances, refusal
from domain.intents.states import Proposed
from domain.shared.chain import ChainId

AROUND = Circumstances(now=AT, wallets=[wallet("ada")], chains=[CHAIN], armed=0)


def expiring(at: datetime) -> Proposed:
    return replace(proposed(), terms=replace(proposed().terms, expires_at=at))


def test_a_sound_intent_is_not_refused() -> None:
    assert refusal(proposed(), AROUND) is None


@pytest.mark.parametrize(
    ("around", "sentence"),
    [
        (replace(AROUND, wallets=[wallet("bob")]), "is not linked to your account"),
        (replace(AROUND, chains=[ChainId(10)]), "Chain 1 is not configured here."),
        (replace(AROUND, armed=MOST_ARMED), "At most 50 intents can be armed at once."),
        (replace(AROUND, now=AT + timedelta(days=30)), "The expiry is in the past."),
    ],
)
def test_circumstances_refuse_in_a_sentence(around: Circumstances, sentence: str) -> None:
    said = refusal(proposed(), around)
    assert said is not None
    assert sentence in said


def test_nobody_foresees_more_than_a_year() -> None:
    assert refusal(expiring(AT + LONGEST_LIFE), AROUND) is None
    assert refusal(expiring(AT + LONGEST_LIFE + timedelta(seconds=1)), AROUND) is not None


def test_an_action_beyond_its_own_limit_could_never_happen() -> None:
    terms = proposed().terms
    tight = replace(terms, limits=replace(terms.limits, total=terms.action.amount))
    assert refusal(replace(proposed(), terms=tight), AROUND) is None
    short = replace(terms, limits=replace(terms.limits, total=terms.action.amount - Decimal("0.1")))
    said = refusal(replace(proposed(), terms=short), AROUND)
    assert said == "One action of 1000 is more than the total limit of 999.9."


def test_the_last_place_is_free() -> None:
    assert refusal(proposed(), replace(AROUND, armed=MOST_ARMED - 1)) is None


def test_the_first_policy_that_refuses_speaks() -> None:
    nothing_fits = Circumstances(now=AT + timedelta(days=999), wallets=[], chains=[], armed=999)
    said = refusal(proposed(), nothing_fits)
    assert said is not None
    assert "is not linked" in said
