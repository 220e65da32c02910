from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from tests.unit.application.world import World

from adapters.evm.eip4361 import SignInMessage
from adapters.evm.sign_in import SiweVerifier
from application.identity.authenticate import Authenticate, NotSignedIn
from application.identity.issue_nonce import IssueNonce
from application.identity.issue_token import MOST_TOKENS, IssueToken
from application.identity.link_wallet import LinkWallet
from application.identity.list_tokens import ListTokens
from application.identity.sign_in import NonceSpent, SignIn
from application.identity.statements import linking, links
from application.identity.tokens import PREFIX, hash_of, new_token
from domain.shared.chain import Address
from domain.shared.errors import Conflict, Denied
from domain.shared.ids import UserId

SIGNER = Account.from_key((5).to_bytes(32, "big"))
VERIFIER = SiweVerifier(domain="plimsoll.test", uris=("https://plimsoll.test",))


def said(world: World, nonce: str, statement: str = "Hello.") -> tuple[str, str]:
    message = SignInMessage(
        domain="plimsoll.test",
        address=SIGNER.address,
        statement=statement,
        uri="https://plimsoll.test",
        chain_id="1",
        nonce=nonce,
        issued_at=world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    signature = SIGNER.sign_message(encode_defunct(text=str(message))).signature.hex()
    return str(message), f"0x{signature}"


async def nonce(world: World) -> str:
    return (await IssueNonce(world.begin, world.clock, world.ids)()).nonce


def test_a_token_is_256_bits_that_scanners_can_know(world: World) -> None:
    token = new_token(world.ids)
    assert token.startswith(PREFIX)
    assert len(urlsafe_b64decode(token.removeprefix(PREFIX) + "=")) == 32
    assert len(hash_of(token)) == 32


async def test_no_two_nonces_are_the_same(world: World) -> None:
    nonces = {await nonce(world) for _ in range(100)}
    assert len(nonces) == 100
    assert all(one.isalnum() and len(one) == 32 for one in nonces)


async def test_a_session_lasts_as_long_as_it_says(world: World) -> None:
    sign_in = SignIn(world.begin, VERIFIER, world.clock, world.ids, life=timedelta(days=3))
    message, signature = said(world, await nonce(world))
    opened = await sign_in(message=message, signature=signature)
    authenticate = Authenticate(world.begin, world.clock)
    assert opened.expires_at == world.clock.now() + timedelta(days=3)
    world.clock.advance(timedelta(days=3, microseconds=-1))
    assert await authenticate(token=opened.token) == opened.user_id
    world.clock.advance(timedelta(microseconds=1))
    with pytest.raises(NotSignedIn):
        await authenticate(token=opened.token)


async def test_a_wallet_that_another_user_watches_still_opens_its_own_account(world: World) -> None:
    watcher = await world.register(Address("0x" + "1" * 40), Address(SIGNER.address.lower()))
    message, signature = said(world, await nonce(world))
    opened = await SignIn(world.begin, VERIFIER, world.clock, world.ids)(message=message, signature=signature)
    assert opened.user_id != watcher


async def test_a_linking_signature_never_signs_in_and_keeps_its_nonce(world: World) -> None:
    user = await world.register(Address("0x" + "1" * 40))
    message, signature = said(world, await nonce(world), linking(user))
    with pytest.raises(Denied):
        await SignIn(world.begin, VERIFIER, world.clock, world.ids)(message=message, signature=signature)
    link = LinkWallet(world.begin, VERIFIER, world.clock)
    linked = await link(actor=user, message=message, signature=signature, label="Cold")
    assert [(one.address, one.label) for one in linked.wallets][1:] == [(SIGNER.address.lower(), "Cold")]
    with pytest.raises(NonceSpent):
        await link(actor=user, message=message, signature=signature)


async def test_a_linking_statement_names_one_account(world: World) -> None:
    one, other = UserId(world.ids.new()), UserId(world.ids.new())
    assert linking(one) != linking(other)
    assert links(linking(one))
    assert not links("Sign in to Plimsoll.")


async def test_tokens_are_bounded(world: World) -> None:
    user = await world.register(Address("0x" + "1" * 40))
    issue = IssueToken(world.begin, world.clock, world.ids)
    for number in range(MOST_TOKENS):
        await issue(actor=user, name=f"bot {number}", days=1)
    with pytest.raises(Conflict):
        await issue(actor=user, name="one too many", days=1)
    world.clock.advance(timedelta(days=1))
    await issue(actor=user, name="after the others have expired", days=1)
    assert len(await ListTokens(world.begin)(actor=user)) == 1
