"""The sections ``api``, ``poll`` and ``state``."""

from __future__ import annotations

from exporter.config import values
from exporter.config.model import ApiConfig, PollConfig, StateConfig
from exporter.config.names import read_names
from exporter.config.ranges import duration_of, size_of
from exporter.config.schema import PERIODS
from exporter.config.section import Section
from exporter.config.urls import base_url, is_plain_to_another_machine

_timeout = duration_of("api.timeout")
_max_body = size_of("api.max_body")
_interval = duration_of("poll.interval")
_slow_interval = duration_of("poll.slow_interval")
_stale_after = duration_of("poll.stale_after")


def read_api(section: Section) -> ApiConfig:
    """How the Partner API is reached."""
    api = ApiConfig(
        base_url=section.read("base_url", base_url),
        timeout=section.read("timeout", _timeout),
        max_body=section.read("max_body", _max_body),
        allow_http=section.read("allow_http", values.flag),
    )
    if section.clear("base_url", "allow_http") and is_plain_to_another_machine(api.base_url) and not api.allow_http:
        section.note(
            "base_url",
            "http:// would send the token unencrypted to another machine",
            "use https://, or set api.allow_http: true",
        )
    return api


def read_poll(section: Section) -> PollConfig:
    """When the API is asked; what is left out follows the interval where the default would not fit it."""
    interval = section.read("interval", _interval)
    slow_interval = section.read("slow_interval", _slow_interval)
    stale_after = section.read("stale_after", _stale_after)
    if "slow_interval" not in section:
        slow_interval = max(slow_interval, interval)
    if "stale_after" not in section and 2 * interval >= stale_after:
        stale_after = 3 * interval
    periods = _periods(section)
    if section.clear("interval", "slow_interval") and slow_interval < interval:
        section.note("slow_interval", "shorter than poll.interval", "make it as long or longer, or leave it out")
    if section.clear("interval", "stale_after") and stale_after <= interval:
        section.note("stale_after", "not longer than poll.interval", "make it three intervals, or leave it out")
    return PollConfig(interval=interval, slow_interval=slow_interval, stale_after=stale_after, periods=periods)


def read_state(section: Section) -> StateConfig:
    """Where the counters are kept; neither the file nor the folder it is in has to be there yet."""
    return StateConfig(path=section.optional("path", values.path))


def _periods(section: Section) -> tuple[str, ...]:
    if "periods" not in section:
        return PERIODS
    periods = read_names(section, "periods", known=PERIODS, kind="period")
    if not periods and section.clear("periods"):
        section.note("periods", "no period is given", f"name one or more of {', '.join(PERIODS)}")
    return periods
