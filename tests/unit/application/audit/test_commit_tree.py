from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.audit.proving.commit_tree import CommitTree
from application.audit.proving.proofs import ProofFails
from application.audit.proving.stored_log import StoredCommit
from application.shared.ports import Place
from domain.shared.merkle_proofs import consistency_ranges, inclusion_ranges, path

BLOCK = 4


@dataclass(slots=True)
class Log:
    """So many commits, and how many of them were read."""

    size: int
    read: int = 0
    altered: set[int] = field(default_factory=set)

    def commit(self, number: int) -> StoredCommit:
        root = bytes([number % 251, number in self.altered]) * 16
        return StoredCommit(number=number, first=Place(number), count=1, root=root, chain=b"")

    async def commits(self, *, after: int, limit: int) -> Sequence[StoredCommit]:
        page = [self.commit(number) for number in range(after + 1, min(after + limit, self.size) + 1)]
        self.read += len(page)
        return page

    def leaves(self) -> list[bytes]:
        return [self.commit(number).leaf() for number in range(1, self.size + 1)]


@given(st.integers(1, 40), st.data())
async def test_the_nodes_of_any_proofs_are_those_of_the_whole_tree(size: int, data: st.DataObject) -> None:
    log, tree = Log(size), CommitTree(BLOCK)
    for _ in range(3):
        indices = data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=4))
        wanted = [inclusion_ranges(index, size) for index in indices]
        wanted.append(consistency_ranges(data.draw(st.integers(1, size)), size))
        nodes = await tree.nodes(log, size, [one for ranges in wanted for one in ranges])
        for ranges in wanted:
            assert tuple(nodes[one.start, one.stop] for one in ranges) == path(log.leaves(), ranges)


async def test_a_second_proof_reads_little() -> None:
    log, tree = Log(1000), CommitTree(BLOCK)
    await tree.nodes(log, 998, inclusion_ranges(500, 998))
    assert log.read == 998
    await tree.nodes(log, 1000, inclusion_ranges(500, 1000))
    assert log.read <= 998 + 2 * BLOCK


async def test_what_was_altered_after_it_was_remembered_is_seen_once_it_is_forgotten() -> None:
    log, tree = Log(16), CommitTree(BLOCK)
    ranges = inclusion_ranges(0, 16)
    before = await tree.nodes(log, 16, ranges)
    log.altered.add(9)
    assert await tree.nodes(log, 16, ranges) == before
    assert tree.forget()
    assert await tree.nodes(log, 16, ranges) != before
    tree.forget()
    assert not tree.forget()


async def test_a_log_that_was_cut_off_proves_nothing() -> None:
    with pytest.raises(ProofFails, match="fewer commits than the 9"):
        await CommitTree(BLOCK).nodes(Log(7), 9, inclusion_ranges(0, 9))
