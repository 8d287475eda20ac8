"""Sharing partners out: each in exactly one share, whatever else is in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.config.errors import Invalid
from exporter.config.shards import MAX_PARTNERS, Shard, parse_shard
from tests.config.config_kit import PARTNER, load, problems


def shares(names: Iterable[str], count: int) -> list[tuple[str, ...]]:
    numbers = range(1, count + 1)
    return [tuple(filter(Shard(number=number, count=count).holds, names)) for number in numbers]


@given(names=st.sets(st.text(st.characters(codec="utf-8"), min_size=1), max_size=30), count=st.integers(1, 9))
def test_every_partner_is_in_exactly_one_share(names: set[str], count: int) -> None:
    taken = Counter(name for share in shares(names, count) for name in share)
    assert taken == Counter(names)


def test_the_share_of_a_name_is_the_same_in_every_version() -> None:
    listed = ("acme", "zenith", "Ünïted", "PA_1", "north", "south")
    assert shares(listed, 3) == [("zenith", "north"), ("acme", "Ünïted", "south"), ("PA_1",)]


def test_another_partner_moves_none_of_the_others() -> None:
    before = shares(("a", "b", "c"), 3)
    after = shares(("new", "c", "b", "a"), 3)
    assert [{*share} - {"new"} for share in after] == [{*share} for share in before]


def test_one_more_process_takes_partners_from_the_others_and_moves_none_between_them() -> None:
    listed = [f"partner-{number}" for number in range(600)]
    before, after = shares(listed, 5), shares(listed, 6)
    for old, new in zip(before, after[:5], strict=True):
        assert {*new} <= {*old}
    assert all(80 <= len(share) <= 120 for share in after)


@pytest.mark.parametrize(
    ("text", "hostname", "number", "count"),
    [
        ("1/1", "", 1, 1),
        ("2/5", "vobiz-exporter-0", 2, 5),
        ("auto/3", "vobiz-exporter-0", 1, 3),
        ("auto/3", "vobiz-exporter-2.vobiz.svc", 3, 3),
    ],
)
def test_a_share_is_given_or_follows_from_the_hosts_name(text: str, hostname: str, number: int, count: int) -> None:
    assert parse_shard(text, hostname=hostname) == Shard(number=number, count=count)


@pytest.mark.parametrize(
    ("text", "hostname", "reported"),
    [
        ("0/5", "", "there is no share 0 of 5; give 1 to 5, the same count to every process"),
        ("6/5", "", "there is no share 6 of 5; give 1 to 5, the same count to every process"),
        ("1/0", "", "there is no share 1 of 0; give 1 to 1, the same count to every process"),
        ("auto/2", "vobiz-exporter-2", "there is no share 3 of 2; give 1 to 2, the same count to every process"),
        (
            "auto/2",
            "laptop",
            "auto, but the host's name ends in no number; run in a StatefulSet, or give the share itself",
        ),
        ("2 of 5", "", "not a share; write one such as 2/5 or auto/5"),
        ("-1/5", "", "not a share; write one such as 2/5 or auto/5"),
    ],
)
def test_a_share_that_cannot_be_is_reported(text: str, hostname: str, reported: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_shard(text, hostname=hostname)
    assert str(caught.value) == reported


def test_a_configuration_holds_the_partners_of_its_share_alone(tmp_path: Path) -> None:
    content = "partners:\n" + "".join(f"- {{name: p{n}, auth_id: PA_{n}, auth_token: x}}\n" for n in range(9))
    held = [
        [
            partner.name
            for partner in load(tmp_path, content + "poll: {shard: '${SHARD}'}", environ={"SHARD": shard}).partners
        ]
        for shard in ("1/3", "2/3", "3/3")
    ]
    assert sorted(name for share in held for name in share) == [f"p{n}" for n in range(9)]


def test_a_mistake_about_a_partner_of_another_share_is_reported_too(tmp_path: Path) -> None:
    content = "partners: [{name: a, auth_id: PA_1, auth_token: x}, {name: b, auth_id: PA_2}]\n"
    for shard in ("1/2", "2/2"):
        assert problems(tmp_path, f"{content}poll: {{shard: {shard}}}") == [
            "config.yaml:1: partners[1].auth_token: missing; give auth_token or auth_token_file"
        ]


def test_more_partners_than_a_process_polls_are_an_error_that_names_the_remedy(tmp_path: Path) -> None:
    content = "partners:\n" + "".join(f"- {{auth_id: PA_{n}, auth_token: x}}\n" for n in range(MAX_PARTNERS + 1))
    assert problems(tmp_path, content) == [
        "config.yaml:1: partners: 101 partners, and one process polls at most 100; "
        "share them out over several with poll.shard; see docs/scaling.md"
    ]
    assert len(load(tmp_path, f"{content}poll: {{shard: 1/2}}").partners) <= MAX_PARTNERS


def test_one_process_polls_everybody_unless_it_is_reported_otherwise(tmp_path: Path) -> None:
    config = load(tmp_path, PARTNER)
    assert (config.poll.shard, len(config.partners)) == (Shard(number=1, count=1), 1)
