"""Values: durations, sizes, URLs, periods, ``${NAME}``, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.config.kinds import format_duration, parse_duration
from tests.config.config_kit import DURATION, ENVIRON, PARTNER, load, problems


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("500ms", 0.5), ("60s", 60), ("1h30m", 5400), ("1y1w1d1h1m1s1ms", 31_536_000 + 694_861.001)],
)
def test_a_duration_is_a_prometheus_duration(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@given(milliseconds=st.integers(min_value=0, max_value=(2**63 - 1) // 1_000_000))
def test_a_duration_written_is_read_again(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds / 1000)) == milliseconds / 1000


@pytest.mark.parametrize(
    ("written", "reported"),
    [
        ("60", DURATION),
        ("1:30", DURATION),
        ("1m1h", DURATION),
        ("1.5h", DURATION),
        ("-1s", DURATION),
        ("300y", DURATION),
        ("0", "out of range; expected 1s to 1h"),
        ("999ms", "out of range; expected 1s to 1h"),
        ("61m", "out of range; expected 1s to 1h"),
    ],
)  # fmt: skip
def test_a_wrong_interval_is_reported(tmp_path: Path, written: str, reported: str) -> None:
    assert problems(tmp_path, f"{PARTNER}poll: {{interval: {written}}}") == [
        f"config.yaml:2: poll.interval: {reported}"
    ]


@pytest.mark.parametrize("written", ["0", "5m1ms"])
def test_a_timeout_is_above_zero_and_at_most_five_minutes(tmp_path: Path, written: str) -> None:
    assert problems(tmp_path, f"{PARTNER}api: {{timeout: {written}}}") == [
        "config.yaml:2: api.timeout: out of range; expected 1ms to 5m"
    ]


@pytest.mark.parametrize(
    ("interval", "slow_interval", "stale_after"),
    [("1s", 300, 300), ("2m29s", 300, 300), ("2m30s", 300, 450), ("10m", 600, 1800), ("1h", 3600, 10_800)],
)
def test_what_is_left_out_follows_a_long_interval(
    tmp_path: Path, interval: str, slow_interval: float, stale_after: float
) -> None:
    poll = load(tmp_path, f"{PARTNER}poll: {{interval: {interval}}}").poll
    assert (poll.slow_interval, poll.stale_after) == (slow_interval, stale_after)


def test_intervals_that_contradict_each_other_are_reported(tmp_path: Path) -> None:
    content = PARTNER + "poll:\n  interval: 2m\n  slow_interval: 1m\n  stale_after: 2m\n"
    assert problems(tmp_path, content) == [
        "config.yaml:4: poll.slow_interval: shorter than poll.interval; make it as long or longer, or leave it out",
        "config.yaml:5: poll.stale_after: not longer than poll.interval; make it three intervals, or leave it out",
    ]


def test_a_wrong_interval_is_not_compared_with_the_others(tmp_path: Path) -> None:
    content = PARTNER + "poll:\n  interval: 2\n  slow_interval: 1s\n  stale_after: 2s\n"
    assert problems(tmp_path, content) == [f"config.yaml:3: poll.interval: {DURATION}"]


def test_periods_are_kept_in_their_order(tmp_path: Path) -> None:
    assert load(tmp_path, PARTNER + "poll: {periods: [month, 7d]}").poll.periods == ("month", "7d")


@pytest.mark.parametrize(
    ("written", "reported"),
    [
        ("[yesteday]", "[0]: unknown period; did you mean yesterday?"),
        ("[century]", "[0]: unknown period; known here: today, yesterday, 7d, 30d, month"),
        ("[]", ": no period is given; name one or more of today, yesterday, 7d, 30d, month"),
    ],
)
def test_wrong_periods_are_reported(tmp_path: Path, written: str, reported: str) -> None:
    assert problems(tmp_path, f"{PARTNER}poll: {{periods: {written}}}") == [f"config.yaml:2: poll.periods{reported}"]


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://example.org/", "https://example.org"),
        ("https://example.org:8443/api//", "https://example.org:8443/api"),
        ("http://127.8.0.1:80/x", "http://127.8.0.1:80/x"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("http://0.0.0.0:80", "http://0.0.0.0:80"),
        ("HTTP://LOCALHOST", "HTTP://LOCALHOST"),
    ],
)
def test_a_url_has_no_slash_at_its_end_and_http_goes_to_this_machine(tmp_path: Path, written: str, url: str) -> None:
    assert load(tmp_path, f"{PARTNER}api: {{base_url: '{written}'}}").api.base_url == url


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1", "http://localhost.example.org", "http://127.0.0.1.example.org", "http://[::2]"]
)
def test_http_to_another_machine_must_be_allowed(tmp_path: Path, url: str) -> None:
    assert problems(tmp_path, f"{PARTNER}api: {{base_url: '{url}'}}") == [
        "config.yaml:2: api.base_url: http:// would send the token unencrypted to another machine; "
        "use https://, or set api.allow_http: true"
    ]
    assert load(tmp_path, f"{PARTNER}api: {{base_url: '{url}', allow_http: true}}").api.base_url == url


NO_URL = "not an http or https URL of host, port and path alone; write one such as https://api.vobiz.ai/api/v1/partner"


@pytest.mark.parametrize(
    "written",
    [
        "https://user:${TOKEN}@example.org",
        "https://example.org/?token=${TOKEN}",
        "https://example.org/#",
        "ftp://example.org",
        "example.org/api",
        "https:///api",
        "https://example.org:99999",
        "https://[::1",
        "https://exam ple.org",
    ],
)
def test_a_wrong_url_is_reported_without_showing_it(tmp_path: Path, written: str) -> None:
    assert problems(tmp_path, f"{PARTNER}api: {{base_url: '{written}'}}") == [f"config.yaml:2: api.base_url: {NO_URL}"]


def test_variables_are_replaced_once_and_a_double_dollar_is_a_dollar(tmp_path: Path) -> None:
    environ = {**ENVIRON, "A": "${B}", "B": "b"}
    state = load(tmp_path, PARTNER + "state: {path: '/${A}/$${B}/$$B/${B}$'}", environ=environ).state
    assert state.path == Path("/${B}/${B}/$B/b$")


def test_variables_may_hold_any_kind_of_value(tmp_path: Path) -> None:
    environ = {**ENVIRON, "T": "5s", "H": "true", "P": "today"}
    content = PARTNER + "api: {timeout: '${T}', allow_http: '${H}'}\npoll:\n  periods:\n  - ${P}\n"
    config = load(tmp_path, content, environ=environ)
    assert (config.api.timeout, config.api.allow_http) == (5, True)
    assert config.poll.periods == ("today",)


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A:-b", "Ä"])
def test_braces_that_name_no_variable_are_reported(tmp_path: Path, name: str) -> None:
    assert problems(tmp_path, f"{PARTNER}state: {{path: '${{{name}}}'}}") == [
        "config.yaml:2: state.path: a $ without {NAME}; "
        "write ${NAME} for an environment variable, or $$ for a dollar sign"
    ]


def test_a_variable_that_is_not_set_is_reported_by_name(tmp_path: Path) -> None:
    assert problems(tmp_path, PARTNER, environ={}) == [
        "config.yaml:1: partners[0].auth_token: environment variable TOKEN is not set; "
        "set it where the exporter is started, or write $$ for a dollar sign"
    ]


def test_the_state_file_need_not_be_there(tmp_path: Path) -> None:
    content = PARTNER + "state: {path: var/not/there/state.db}"
    assert load(tmp_path, content).state.path == Path("var/not/there/state.db")
