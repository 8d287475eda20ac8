"""Who has to go when there are too many: the rule that keeps any one kind of client from crowding out the others."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")


def oldest_of_largest_group(
    items: Iterable[T], *, group: Callable[[T], Hashable], since: Callable[[T], float]
) -> T | None:
    """The oldest item of the group that has the most; of groups that are equally large, the oldest item of all.

    Refusing the newest would let whoever came first keep everyone out. Closing the oldest of all would let a flood push
    out those who behave. Here a flood only ever pushes out itself: its group is the largest.
    """
    groups: dict[Hashable, list[T]] = {}
    for item in items:
        groups.setdefault(group(item), []).append(item)
    most = max(map(len, groups.values()), default=0)
    return min(
        (item for members in groups.values() if len(members) == most for item in members), key=since, default=None
    )
