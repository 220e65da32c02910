"""The vectors are those of Certificate Transparency's reference implementation (merkle_tree_test.cc)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared import merkle
from domain.shared.errors import Invalid
from domain.shared.merkle_proofs import (
    Path,
    consistency_ranges,
    inclusion_ranges,
    is_consistent,
    path,
    root_by_inclusion,
)

CONTENTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
LEAVES = [merkle.leaf(bytes.fromhex(content)) for content in CONTENTS]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUDED = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENT = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
HASH = st.binary(min_size=32, max_size=32)


def hexes(hashes: tuple[bytes, ...]) -> list[str]:
    return [one.hex() for one in hashes]


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out(size: int) -> None:
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size]
    assert merkle.root_of(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUDED)
def test_the_published_inclusion_proofs_come_out_and_hold(index: int, size: int) -> None:
    hashes = path(LEAVES[:size], inclusion_ranges(index, size))
    assert hexes(hashes) == INCLUDED[index, size]
    found = root_by_inclusion(LEAVES[index], index=index, size=size, hashes=hashes)
    assert found is not None
    assert found.hex() == ROOTS[size]


@pytest.mark.parametrize(("old", "new"), CONSISTENT)
def test_the_published_consistency_proofs_come_out_and_hold(old: int, new: int) -> None:
    hashes = path(LEAVES[:new], consistency_ranges(old, new))
    assert hexes(hashes) == CONSISTENT[old, new]
    old_root, new_root = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new])
    assert is_consistent(old=old, old_root=old_root, new=new, new_root=new_root, hashes=hashes)


@given(count=st.integers(1, 70), data=st.data())
def test_every_leaf_of_every_tree_can_be_proven_to_be_in_it(count: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf(number.to_bytes(2, "big")) for number in range(count)]
    index = data.draw(st.integers(0, count - 1))
    ranges = inclusion_ranges(index, count)
    passing = Path(ranges)
    for one in leaves:
        passing.take(one)
    assert passing.hashes() == path(leaves, ranges)
    hashes, root = passing.hashes(), merkle.root(leaves)
    assert root_by_inclusion(leaves[index], index=index, size=count, hashes=hashes) == root
    assert root_by_inclusion(merkle.leaf(b"another"), index=index, size=count, hashes=hashes) != root


@given(new=st.integers(1, 70), data=st.data())
def test_every_tree_can_be_proven_to_continue_its_beginnings(new: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf(number.to_bytes(2, "big")) for number in range(new)]
    old = data.draw(st.integers(1, new))
    roots = {"old_root": merkle.root(leaves[:old]), "new_root": merkle.root(leaves)}
    hashes = path(leaves, consistency_ranges(old, new))
    assert is_consistent(old=old, new=new, hashes=hashes, **roots)


@given(new=st.integers(2, 40), data=st.data())
def test_a_forged_proof_of_consistency_does_not_hold(new: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf(number.to_bytes(2, "big")) for number in range(new)]
    old = data.draw(st.integers(1, new - 1))
    old_root, new_root = merkle.root(leaves[:old]), merkle.root(leaves)
    hashes = path(leaves, consistency_ranges(old, new))
    forked = merkle.root([*leaves[: old - 1], merkle.leaf(b"forked"), *leaves[old:]])
    sizes = {"old": old, "new": new}
    assert not is_consistent(old_root=old_root, new_root=forked, hashes=hashes, **sizes)
    for forged in (hashes[:-1], (*hashes, bytes(32)), *([hashes[::-1]] if len(set(hashes)) > 1 else [])):
        assert not is_consistent(old_root=old_root, new_root=new_root, hashes=forged, **sizes)
    for wrong in (old - 1, new, new + 1):
        assert not is_consistent(old=wrong, new=new, old_root=old_root, new_root=new_root, hashes=hashes)


@given(count=st.integers(2, 40), data=st.data())
def test_a_forged_proof_of_inclusion_does_not_hold(count: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf(number.to_bytes(2, "big")) for number in range(count)]
    index = data.draw(st.integers(0, count - 1))
    root = merkle.root(leaves)
    hashes = path(leaves, inclusion_ranges(index, count))
    for forged in (hashes[:-1], (*hashes, bytes(32)), *([hashes[::-1]] if len(set(hashes)) > 1 else [])):
        assert root_by_inclusion(leaves[index], index=index, size=count, hashes=forged) != root
    for elsewhere in {*range(-1, count + 1)} - {index}:
        assert root_by_inclusion(leaves[index], index=elsewhere, size=count, hashes=hashes) != root


@given(old=st.integers(-2, 40), new=st.integers(-2, 40), hashes=st.lists(HASH, max_size=8))
def test_any_bytes_are_judged_without_an_error(old: int, new: int, hashes: list[bytes]) -> None:
    assert not is_consistent(old=old, old_root=bytes(32), new=new, new_root=b"\x01" * 32, hashes=hashes)
    root_by_inclusion(bytes(32), index=old, size=new, hashes=hashes)


def test_what_is_not_in_a_tree_cannot_be_proven() -> None:
    with pytest.raises(Invalid):
        inclusion_ranges(3, 3)
    with pytest.raises(Invalid):
        consistency_ranges(4, 3)
