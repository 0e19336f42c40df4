"""Array helpers for rows in groups: repeat, shuffle and hand out within groups without a loop over them."""

import numpy as np


def each(counts: np.ndarray) -> np.ndarray:
    """Position of each of ``counts`` once for every one counted: ``[2, 0, 1]`` gives ``[0, 0, 2]``."""
    return np.repeat(np.arange(len(counts)), counts)


def shuffled(random: np.random.Generator, group: np.ndarray) -> np.ndarray:
    """Order that sorts by group and is random within each."""
    return np.lexsort((random.random(len(group)), group))


def place_within(group: np.ndarray) -> np.ndarray:
    """Place, from 0, of each entry among its neighbours of the same group."""
    if not len(group):
        return np.zeros(0, dtype=int)
    first = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    sizes = np.diff(np.r_[first, len(group)])
    return np.arange(len(group)) - np.repeat(first, sizes)


def dealt(items: np.ndarray, item_group: np.ndarray, slot_group: np.ndarray) -> np.ndarray:
    """Hand out the items of each group to its slots, one each, in order.

    Args:
        items: What is handed out.
        item_group: Group of each item, ascending.
        slot_group: Group whose items each slot takes; slots of one group are neighbours.

    Returns:
        The item of each slot; -1 where the group has no more.
    """
    position = np.searchsorted(item_group, slot_group) + place_within(slot_group)
    enough = position < np.searchsorted(item_group, slot_group, side="right")
    return np.where(enough, np.r_[items, -1][np.where(enough, position, -1)], -1)


def anyone(random: np.random.Generator, member_group: np.ndarray, slot_group: np.ndarray) -> np.ndarray:
    """Position of a random member of each slot's group.

    Args:
        random: Source of randomness.
        member_group: Group of each member, ascending.
        slot_group: Group to pick from, once for each slot; every group has members.
    """
    first = np.searchsorted(member_group, slot_group)
    size = np.searchsorted(member_group, slot_group, side="right") - first
    return first + (random.random(len(slot_group)) * size).astype(int)
