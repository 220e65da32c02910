from hypothesis import given
from hypothesis import strategies as st

from domain.shared import merkle
from domain.shared.merkle_nodes import Nodes
from domain.shared.merkle_proofs import consistency_ranges, inclusion_ranges, path, root_by_inclusion

sizes = st.integers(1, 70)


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf(number.to_bytes(2, "big")) for number in range(size)]


@given(sizes, st.data())
def test_any_number_of_proofs_of_inclusion_come_out_of_one_pass(size: int, data: st.DataObject) -> None:
    indices = data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=5))
    wanted = [inclusion_ranges(index, size) for index in indices]
    nodes = Nodes.under(one for ranges in wanted for one in ranges)
    for leaf in leaves(size):
        nodes.take(leaf)
    for index, ranges in zip(indices, wanted, strict=True):
        hashes = nodes.roots(ranges)
        assert hashes == path(leaves(size), ranges)
        found = root_by_inclusion(leaves(size)[index], index=index, size=size, hashes=hashes)
        assert found == merkle.root(leaves(size))


@given(sizes, st.data())
def test_a_proof_of_consistency_comes_out_of_one_pass(size: int, data: st.DataObject) -> None:
    ranges = consistency_ranges(data.draw(st.integers(1, size)), size)
    nodes = Nodes.under(ranges)
    for leaf in leaves(size):
        nodes.take(leaf)
    assert nodes.roots(ranges) == path(leaves(size), ranges)
