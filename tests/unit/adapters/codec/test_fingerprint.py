from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.contract.event_log.examples import INTENT, TERMS, USER, WALLET

from adapters.codec.fingerprint import fingerprint
from domain.identity.preferences import Preferences, RiskProfile
from domain.identity.user import User
from domain.intents.states import Armed, Cancelled
from domain.shared.chain import Address

AT = datetime(2026, 2, 3, tzinfo=UTC)


def user() -> User:
    made = User.register(
        id=USER, wallet=WALLET, preferences=Preferences.of(RiskProfile.MODERATE), at=AT
    ).state
    return replace(made, email="somebody@example.org", telegram_chat_id="42")


def test_equal_states_have_equal_fingerprints_and_others_do_not() -> None:
    assert fingerprint(user()) == fingerprint(user())
    assert len(fingerprint(user())) == 32
    assert fingerprint(user()) != fingerprint(replace(user(), version=9))


def test_what_a_personal_field_says_is_not_covered_but_that_it_says_something_is() -> None:
    assert fingerprint(user()) == fingerprint(replace(user(), email="x@example.org", telegram_chat_id="43"))
    assert fingerprint(user()) != fingerprint(replace(user(), email=None))
    assert fingerprint(user()) != fingerprint(replace(user(), telegram_chat_id=None))


def test_the_label_of_a_wallet_is_not_covered_but_its_address_is() -> None:
    [wallet] = user().wallets
    renamed = replace(user(), wallets=(replace(wallet, label="savings"),))
    assert fingerprint(user()) == fingerprint(renamed)
    moved = replace(user(), wallets=(replace(wallet, address=Address("0x" + "9" * 40)),))
    assert fingerprint(user()) != fingerprint(moved)


def test_states_that_differ_in_their_kind_alone_have_different_fingerprints() -> None:
    said: dict[str, Any] = {
        "id": INTENT, "user_id": USER, "terms": TERMS, "proposed_at": AT, "changed_at": AT, "version": 2
    }  # fmt: skip
    assert fingerprint(Armed(**said)) != fingerprint(Cancelled(**said))
