"""What Prometheus would hold of partners, as OpenMetrics: each series as far back as any rule or panel looks."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HOUR, DAY = 3600, 86_400
POLL = 60
OUTCOMES = (
    *("success", "timeout", "connection", "tls", "redirect", "unauthorized", "forbidden", "not_found"),
    *("rate_limited", "client_error", "server_error", "malformed", "too_large"),
)
"""As the exporter counts requests."""

Value = Callable[[float], float]
"""What a series has, by the time of the last poll."""
Row = tuple[str, str, float, Value]
"""Name, labels, how many seconds back there are samples, value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """From a moment on, half of one partner's outbound calls that would be answered are not."""

    partner: str
    begin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The past of partners up to ``end`` (Unix seconds), one sample each ``step`` seconds.

    Of what only the latest value matters there are ``recent`` seconds, of counters of calls and money ``days``.
    """

    partners: tuple[str, ...]
    end: float
    step: int = 30
    recent: float = 20 * 60
    days: float = DAY + 2 * HOUR
    drop: Drop | None = None

    def drop_of(self, partner: str) -> bool:
        """Whether it is this partner whose answers drop."""
        return self.drop is not None and self.drop.partner == partner

    def write(self, directory: Path, data: Path) -> int:
        """Add it to the database in ``data`` by way of promtool; the number of samples."""
        path, samples = directory / "history.om", 0
        with path.open("w", encoding="utf-8") as file:
            for name, labels, back, value in self._series():
                begin = self.end - back
                times = [begin + number * self.step for number in range(int(back // self.step) + 1)]
                # the exporter shows what its last poll found
                file.writelines(f"{name}{{{labels}}} {value(at // POLL * POLL):.10g} {at:.0f}\n" for at in times)
                samples += len(times)
            file.write("# EOF\n")
        # promtool reads the file once for each block
        command = ["promtool", "tsdb", "create-blocks-from", "--max-block-duration=168h", "--quiet", "openmetrics"]
        command += [str(path), str(data)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        path.unlink()
        return samples

    def _series(self) -> Iterator[Row]:
        now, target = self.recent, 'job="vobiz",instance="localhost:10147"'
        build = 'version="0.1.0",revision="unknown",python_version="3.11"'
        for name, labels, back, value in (
            ("up", "", now, fixed(1)),
            ("scrape_duration_seconds", "", now, fixed(0.01)),
            ("process_start_time_seconds", "", now, fixed(self.end - 9 * DAY)),
            ("process_cpu_seconds_total", "", now, polls),
            ("process_resident_memory_bytes", "", now, fixed(6e7)),
            ("vobiz_exporter_build_info", build, DAY, fixed(1)),
            ("vobiz_exporter_config_last_reload_successful", "", now, fixed(1)),
            ("vobiz_exporter_config_last_reload_success_timestamp_seconds", "", now, fixed(1)),
            ("vobiz_exporter_state_write_failures_total", "", HOUR, fixed(0)),
            ("vobiz_poll_lateness_seconds_bucket", 'le="1.0"', HOUR, polls),
            ("vobiz_poll_lateness_seconds_bucket", 'le="+Inf"', HOUR, polls),
            ("vobiz_poll_lateness_seconds_count", "", HOUR, polls),
        ):
            yield name, f"{target},{labels}" if labels else target, back, value
        began = math.inf if self.drop is None else self.drop.begin
        for number, partner in enumerate(self.partners):
            own, calls = f'{target},partner="{partner}"', 200.0 * (1 + number % 5)
            for name, labels, back, value in (
                *self._health(),
                *self._account(calls),
                *self._direction("outbound", 0.7 * calls, began if self.drop_of(partner) else math.inf),
                *self._direction("inbound", 0.3 * calls, math.inf),
                *self._product("sip_trunking", 0.6 * calls),
                *self._product("voice_api", 0.4 * calls),
            ):
                yield name, f"{own},{labels}" if labels else own, back, value

    def _health(self) -> Iterator[Row]:
        now = self.recent
        yield "vobiz_poll_interval_seconds", "", DAY, fixed(POLL)
        yield "vobiz_polls_missed_total", "", HOUR, fixed(0)
        yield "vobiz_corrections_total", "", HOUR, fixed(0)
        yield "vobiz_reconciliation_mismatch", 'check="directions"', now, fixed(0)
        yield "vobiz_period_last_success_timestamp_seconds", 'period="today"', now, itself
        for endpoint in ("dashboard", "analytics"):
            of = f'endpoint="{endpoint}"'
            yield "vobiz_up", of, now, fixed(1)
            yield "vobiz_unreadable_fields", of, now, fixed(0)
            yield "vobiz_last_success_timestamp_seconds", of, 6 * HOUR, itself
            for outcome in OUTCOMES:
                count = polls if outcome == "success" else fixed(0)
                yield "vobiz_api_requests_total", f'{of},outcome="{outcome}"', 4 * HOUR, count
            for bound in ("0.5", "+Inf"):
                yield "vobiz_api_request_duration_seconds_bucket", f'{of},le="{bound}"', now, polls

    def _account(self, calls: float) -> Iterator[Row]:
        now, currency = self.recent, 'currency="INR"'
        yield "vobiz_balance", currency, 2 * HOUR, falling(5e5, 0.9 * calls, 5 * DAY)
        yield "vobiz_accounts", 'status="active"', DAY, fixed(40)
        yield "vobiz_accounts", 'status="inactive"', now, fixed(3)
        yield "vobiz_cost_total", currency, self.days, counted(0.9 * calls)
        yield "vobiz_cost_taken_back", currency, DAY, fixed(0)
        yield "vobiz_cost_per_hour_expected", currency, now, fixed(0.9 * calls)
        yield "vobiz_spend_spike_score", currency, now, fixed(0.2)
        yield "vobiz_wallet_balance", currency, 7 * DAY, falling(1e5, 300, DAY)
        yield "vobiz_customers_below_balance", "", 7 * DAY, fixed(2)
        yield "vobiz_customers_balance_limit", "", now, fixed(100)
        yield "vobiz_customers_unread", "", now, fixed(0)
        yield "vobiz_customers", 'status="active"', now, fixed(40)
        yield "vobiz_customers_kyc", 'kyc_status="verified"', now, fixed(40)
        yield "vobiz_account_series_dropped_total", "", now, fixed(0)
        yield "vobiz_account_balance", f'account_id="MA_1",{currency}', now, fixed(12)

    def _direction(self, direction: str, calls: float, began: float) -> Iterator[Row]:
        now, of, rate = self.recent, f'direction="{direction}"', 0.6
        yield "vobiz_calls_total", of, self.days, counted(calls)
        yield "vobiz_answered_calls_total", of, self.days, counted(rate * calls, began)
        yield "vobiz_call_seconds_total", of, self.days, counted(150 * rate * calls, began)
        yield "vobiz_call_seconds_taken_back", of, DAY, fixed(0)
        yield "vobiz_calls_per_hour_expected", of, now, fixed(calls)
        yield "vobiz_answer_ratio_expected", of, now, fixed(rate)
        yield "vobiz_answer_drop_score", of, self.recent, since(began, 1 / 500, most=1.2)
        yield "vobiz_answer_drop_calls", of, now, since(began, calls / HOUR)
        yield "vobiz_answer_drop_answered_calls", of, now, since(began, rate / 2 * calls / HOUR)
        yield "vobiz_answer_drop_start_timestamp_seconds", of, now, fixed(min(began, self.end))
        yield "vobiz_traffic_drop_score", of, now, fixed(0.2)
        yield "vobiz_minutes_spike_score", of, now, fixed(0.2)
        for cause, usual in (("NO_ANSWER", 0.7), ("Canceled (Out Of Credits)", 0.02)):
            by = f'{of},cause="{cause}"'
            yield "vobiz_cdr_cause_share", by, now, fixed(usual)
            yield "vobiz_cdr_cause_share_usual", by, now, fixed(usual)
            yield "vobiz_cdr_calls_total", f'{by},answered="false",source="Carrier"', now, counted(usual * calls)
        for bound in ("1.0", "+Inf"):
            yield "vobiz_cdr_ring_seconds_bucket", f'{of},le="{bound}"', now, polls
            yield "vobiz_cdr_mos_bucket", f'{of},le="{bound}"', now, polls
        for period, days, back in (("today", 1, self.days), ("30d", 30, now), ("month", 20, now)):
            by = f'{of},period="{period}"'
            yield "vobiz_period_calls", by, back, fixed(24 * days * calls)
            yield "vobiz_period_answered_calls", by, back, fixed(24 * days * calls * rate)
            yield "vobiz_period_minutes", by, back, fixed(36 * days * calls)
            yield "vobiz_period_cost", f'{by},currency="INR"', back, fixed(22 * days * calls)

    def _product(self, product: str, calls: float) -> Iterator[Row]:
        now, of = self.recent, f'product="{product}"'
        yield "vobiz_product_answer_drop_score", of, now, fixed(0.2)
        yield "vobiz_product_calls_total", of, now, counted(calls)
        yield "vobiz_product_answered_calls_total", of, now, counted(0.6 * calls)
        yield "vobiz_product_call_seconds_total", of, now, counted(90 * calls)
        yield "vobiz_product_cost_total", f'{of},currency="INR"', now, counted(0.9 * calls)


def fixed(value: float) -> Value:
    """The same at all times."""
    return lambda at: value


def itself(at: float) -> float:
    """The time of the last poll."""
    return at


def polls(at: float) -> float:
    """How many polls there were."""
    return at // POLL


def since(began: float, a_second: float, most: float = math.inf) -> Value:
    """Nothing until a moment, then so much more a second."""
    return lambda at: min(max(at - began, 0) * a_second, most)


def falling(full: float, an_hour: float, refilled: float) -> Value:
    """A balance that is topped up every so many seconds."""
    return lambda at: full - an_hour * (at % refilled) / HOUR


def counted(an_hour: float, halved: float = math.inf) -> Value:
    """A counter that grows by so many an hour in the mean, more by day; by half as many from a moment on."""

    def until(at: float) -> float:
        day = 2 * math.pi * at / DAY
        return an_hour / HOUR * (at - 0.75 * DAY / (2 * math.pi) * math.cos(day - 2.4))

    return lambda at: until(min(at, halved)) + 0.5 * max(until(at) - until(min(at, halved)), 0)
