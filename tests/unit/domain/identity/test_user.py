from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.examples import AT, LATER, registered, wallet
from tests.strategies import preferences, words

from domain.identity.errors import LastWallet, TooManyWallets, UserGone, WalletAlreadyLinked, WalletNotLinked
from domain.identity.events import UserEvent
from domain.identity.preferences import Preferences
from domain.identity.user import LONGEST_LABEL, MOST_WALLETS, User, UserChange
from domain.shared.errors import Invalid, PlimsollError

NAMES = st.sampled_from(["ada", "one", "two", "three"])


class UserMachine(RuleBasedStateMachine):
    """Whatever a user does, in any order: history alone rebuilds them."""

    def __init__(self) -> None:
        super().__init__()
        change = registered("ada")
        self.user: User = change.state
        self.history: list[UserEvent] = [*change.facts]
        self.at = AT

    @rule(name=NAMES, label=words)
    def link(self, name: str, label: str) -> None:
        self.take(lambda: self.user.link(wallet=wallet(name), label=label, at=self.at))

    @rule(name=NAMES)
    def unlink(self, name: str) -> None:
        self.take(lambda: self.user.unlink(wallet=wallet(name), at=self.at))

    @rule(chosen=preferences)
    def prefer(self, chosen: Preferences) -> None:
        self.take(lambda: self.user.prefer(chosen, at=self.at))

    @rule(chat=st.none() | st.sampled_from(["1", "2"]))
    def reach_by_telegram(self, chat: str | None) -> None:
        self.take(lambda: self.user.reach_by_telegram(chat, at=self.at))

    @rule(email=st.none() | st.sampled_from(["a@example.org", "b@example.org"]))
    def reach_by_email(self, email: str | None) -> None:
        self.take(lambda: self.user.reach_by_email(email, at=self.at))

    @rule()
    def delete(self) -> None:
        self.take(lambda: self.user.delete(at=self.at))

    def take(self, decide: Callable[[], UserChange]) -> None:
        self.at += timedelta(seconds=1)
        try:
            change = decide()
        except PlimsollError:
            return
        self.user = change.state
        self.history += change.facts

    @invariant()
    def history_alone_rebuilds_the_user(self) -> None:
        assert User.folded(self.history) == self.user

    @invariant()
    def the_version_counts_the_facts(self) -> None:
        assert self.user.version == len(self.history)

    @invariant()
    def no_wallet_is_linked_twice(self) -> None:
        addresses = [linked.address for linked in self.user.wallets]
        assert len(set(addresses)) == len(addresses)

    @invariant()
    def the_wallet_that_signs_in_is_watched_while_the_account_lives(self) -> None:
        linked = {linked.address for linked in self.user.wallets}
        assert (self.user.wallet_address in linked) == (self.user.deleted_at is None)


TestUserMachine = UserMachine.TestCase
ADA = registered("ada").state


def test_a_wallet_is_linked_once() -> None:
    with pytest.raises(WalletAlreadyLinked):
        ADA.link(wallet=wallet("ada"), label="again", at=LATER)


def test_the_wallet_that_signs_in_stays() -> None:
    with pytest.raises(LastWallet):
        ADA.unlink(wallet=wallet("ada"), at=LATER)


def test_only_a_linked_wallet_is_unlinked() -> None:
    with pytest.raises(WalletNotLinked):
        ADA.unlink(wallet=wallet("other"), at=LATER)


def test_wallets_are_bounded() -> None:
    full = ADA
    for number in range(1, MOST_WALLETS):
        full = full.link(wallet=wallet(str(number)), label="", at=LATER).state
    with pytest.raises(TooManyWallets):
        full.link(wallet=wallet("one more"), label="", at=LATER)


@pytest.mark.parametrize("label", ["x" * (LONGEST_LABEL + 1), "two\nlines", "zero\x00", "\ud800"])
def test_a_label_is_short_and_printable(label: str) -> None:
    with pytest.raises(Invalid):
        ADA.link(wallet=wallet("other"), label=label, at=LATER)


def test_saying_the_same_again_changes_nothing() -> None:
    assert ADA.prefer(ADA.preferences, at=LATER).facts == ()
    assert ADA.reach_by_telegram(None, at=LATER).facts == ()
    assert ADA.reach_by_email(None, at=LATER).facts == ()


def test_who_has_left_does_nothing_more() -> None:
    gone = ADA.delete(at=LATER).state
    assert (gone.wallets, gone.email, gone.telegram_chat_id) == ((), None, None)
    attempts: list[Callable[[], object]] = [
        lambda: gone.link(wallet=wallet("other"), label="", at=LATER),
        lambda: gone.reach_by_telegram("1", at=LATER),
        lambda: gone.prefer(replace(ADA.preferences, active_signals=()), at=LATER),
        lambda: gone.delete(at=LATER),
    ]
    for attempt in attempts:
        with pytest.raises(UserGone):
            attempt()


def test_a_history_that_does_not_begin_at_the_beginning_is_refused() -> None:
    with pytest.raises(Invalid):
        User.folded(registered("ada").facts[1:])
