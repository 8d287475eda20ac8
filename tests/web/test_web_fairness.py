"""The small rules behind the server, each on its own."""

from __future__ import annotations

from exporter.web.acceptor import client_of
from exporter.web.fairness import oldest_of_largest_group
from exporter.web.rate_limit import TokenBucket
from exporter.web.throttle import Throttle
from tests.rig.raw_client import call, get

from .conftest import Serve, WriteConfig


class Hands:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def chosen(*items: tuple[str, float]) -> tuple[str, float] | None:
    return oldest_of_largest_group(items, group=lambda item: item[0], since=lambda item: item[1])


def test_the_largest_group_loses_its_oldest() -> None:
    assert chosen(("a", 1), ("b", 3), ("b", 2), ("b", 4), ("c", 0)) == ("b", 2)


def test_of_groups_equally_large_the_oldest_of_all_goes() -> None:
    assert chosen(("a", 3), ("a", 4), ("b", 2), ("b", 5), ("c", 1)) == ("b", 2)


def test_of_nobody_nobody_goes() -> None:
    assert chosen() is None


def test_clients_are_told_apart_by_address_and_ipv6_ones_by_network() -> None:
    assert client_of("192.0.2.1") == "192.0.2.1"
    assert client_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert client_of("2001:db8::1") == client_of("2001:db8::ffff:1")
    assert client_of("2001:db8::1") != client_of("2001:db8:0:1::1")
    assert client_of("fe80::1%eth0") == "fe80::/64"


def test_a_bucket_allows_a_burst_and_then_one_each_interval() -> None:
    clock = Hands()
    bucket = TokenBucket(interval=2.0, burst=3, clock=clock)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    clock.seconds += 2.0
    assert [bucket.take() for _ in range(2)] == [True, False]
    clock.seconds += 1000.0
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_requests_over_the_configured_rate_are_told_to_come_back(serve: Serve, write_config: WriteConfig) -> None:
    file = write_config("rate_limit:\n  interval: 1h\n  burst: 2\n")
    with call(serve(web_config_file=file).url) as line:
        answers = [line.send(get()).answer() for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "1"


def test_the_same_message_is_allowed_once_in_a_while() -> None:
    clock = Hands()
    throttle = Throttle(seconds=60.0, clock=clock)
    assert [throttle.allows(text) for text in ("a", "a", "b")] == [True, False, True]
    clock.seconds += 61.0
    assert throttle.allows("a")


def test_messages_without_number_do_not_fill_the_memory_of_those_said() -> None:
    throttle = Throttle(seconds=60.0, clock=Hands())
    assert all(throttle.allows(str(number)) for number in range(1000))
    assert throttle.allows("0")
    assert not throttle.allows("999")
