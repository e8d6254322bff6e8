"""The tree against RFC 6962's own definitions, and its published roots."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.evidence import merkle

LEAVES = [b"", *map(bytes.fromhex, ("00", "10", "2021", "3031", "40414243", "5051525354555657"))]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [  # of the first 0, 1, 2, ... of them; published with Certificate Transparency
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


def defined(leaves):
    """MTH as RFC 6962 2.1 writes it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1" + defined(leaves[:half]) + defined(leaves[half:])).digest()


ALL = [merkle.leaf_hash(str(number).encode()) for number in range(200)]
DEFINED = [defined(ALL[:size]) for size in range(201)]


def node(level, index):
    return defined(ALL[index << level : (index + 1) << level])


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size):
    tree = merkle.MerkleTree()
    tree.extend(merkle.leaf_hashes(LEAVES[:size]))
    assert tree.root.hex() == ROOTS[size]


def test_every_size_has_the_defined_root_however_it_grew():
    one_by_one = merkle.MerkleTree()
    for size in range(201):
        assert one_by_one.root == merkle.root_at(size, node) == DEFINED[size]
        resumed = merkle.MerkleTree(size, merkle.frontier_at(size, node))
        assert resumed.frontier == one_by_one.frontier
        resumed.extend(ALL[size:])
        assert resumed.root == DEFINED[200]
        if size < 200:
            one_by_one.append(ALL[size])


@pytest.mark.slow
@given(st.lists(st.integers(0, 40), max_size=6))
def test_what_extend_completes_is_every_subtree_once(steps):
    tree, kept = merkle.MerkleTree(), {}
    for step in steps:
        for level, first, hashes in tree.extend(ALL[tree.size : tree.size + step]):
            for index, found in enumerate(hashes, first):
                assert (level, index) not in kept
                kept[level, index] = found
    expected = {(level, index) for level in range(8) for index in range(tree.size >> level)}
    assert kept.keys() == expected
    assert all(found == node(*place) for place, found in kept.items())


@pytest.mark.parametrize("step", range(4))
def test_inclusion_of_every_leaf_in_every_size(step):
    for size in range(1 + step, 201, 4):
        for leaf in range(0, size, 7):
            path = merkle.inclusion_proof(leaf, size, node)
            assert merkle.verify_inclusion(ALL[leaf], leaf, size, path, DEFINED[size])
            assert not merkle.verify_inclusion(ALL[leaf], leaf + 1, size, path, DEFINED[size])
            assert not merkle.verify_inclusion(ALL[leaf - 1], leaf, size, path, DEFINED[size]) or size == 1
            assert not merkle.verify_inclusion(ALL[leaf], leaf, size, [*path, ALL[0]], DEFINED[size])


@pytest.mark.slow
def test_consistency_between_all_sizes():
    for size in range(1, 201, 3):
        for old in range(1, size + 1):
            path = merkle.consistency_proof(old, size, node)
            assert merkle.verify_consistency(old, DEFINED[old], size, DEFINED[size], path)
            if old > 1:
                assert not merkle.verify_consistency(old, DEFINED[old - 1], size, DEFINED[size], path)
            assert not merkle.verify_consistency(old, DEFINED[old], size, DEFINED[size - 1], path)


@settings(deadline=None)
@given(st.data())
def test_a_changed_proof_proves_nothing(data):
    size = data.draw(st.integers(2, 200))
    leaf = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_proof(leaf, size, node)
    place = data.draw(st.integers(0, len(path) - 1))
    path[place] = bytes([path[place][0] ^ 1]) + path[place][1:]
    assert not merkle.verify_inclusion(ALL[leaf], leaf, size, path, DEFINED[size])
    assert not merkle.verify_inclusion(ALL[leaf], leaf, size, path[1:], DEFINED[size])


@given(st.integers(0, 150), st.integers(0, 50))
def test_a_range_and_its_neighbours_make_the_whole(begin, count):
    end = begin + count
    tree = merkle.MerkleTree(begin, merkle.frontier_at(begin, node))
    tree.extend(ALL[begin:end])
    for level, index in merkle.spans(end, 200):
        tree.extend([node(level, index)], level)
    assert tree.size == 200
    assert tree.root == DEFINED[200]


def test_wrong_frontiers_and_places_are_refused():
    with pytest.raises(ValueError, match="frontier"):
        merkle.MerkleTree(3, [bytes(32)])
    with pytest.raises(ValueError, match="multiple"):
        merkle.MerkleTree(1, [bytes(32)]).extend([bytes(32)], 1)
    with pytest.raises(ValueError, match="leaf"):
        merkle.inclusion_proof(3, 3, node)
    with pytest.raises(ValueError, match="older"):
        merkle.consistency_proof(0, 3, node)


@pytest.mark.parametrize("wrong", [b"", b"x", bytes(31), bytes(33), bytes(64)])
def test_a_hash_has_32_bytes(wrong):
    """A tree of one leaf has the leaf as its root: two equal values of another length are none."""
    good = bytes(32)
    assert merkle.verify_inclusion(good, 0, 1, [], good)
    assert not merkle.verify_inclusion(wrong, 0, 1, [], wrong)
    assert merkle.verify_consistency(1, good, 1, good, [])
    assert not merkle.verify_consistency(1, wrong, 1, wrong, [])
    root = merkle.node_hash(good, good)
    assert merkle.verify_inclusion(good, 0, 2, [good], root)
    for leaf, path, whole in ((wrong, good, root), (good, wrong, root), (good, good, wrong)):
        assert not merkle.verify_inclusion(leaf, 0, 2, [path], whole)
    assert merkle.verify_consistency(1, good, 2, root, [good])
    for old, path, new in ((wrong, good, root), (good, wrong, root), (good, good, wrong)):
        assert not merkle.verify_consistency(1, old, 2, new, [path])
    assert not merkle.verify_inclusion(wrong, 0, 2, [good], merkle.node_hash(wrong, good))
