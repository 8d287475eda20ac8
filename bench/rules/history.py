"""What Prometheus would hold of partners, as OpenMetrics: each series as far back as any rule or panel looks."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.rules.lane import Lane, restless
from bench.rules.values import (
    DAY,
    HOUR,
    POLL,
    Value,
    fixed,
    grown,
    itself,
    left,
    midnight,
    month_begin,
    moved,
    plus,
    polls,
    rising,
    times,
    within,
)

OUTCOMES = (
    *("success", "timeout", "connection", "tls", "redirect", "unauthorized", "forbidden", "not_found"),
    *("rate_limited", "client_error", "server_error", "malformed", "too_large"),
)
"""As the exporter counts requests."""

CAUSES = {"No Answer": 0.55, "User Busy": 0.27, "Canceled": 0.16, "Canceled (Out Of Credits)": 0.02}
CAUSES_OF_A_DROP = {"No Answer": 0.78, "User Busy": 0.13, "Canceled": 0.08, "Canceled (Out Of Credits)": 0.01}
"""Shares of the unanswered calls: usual ones, and those of a drop."""
RINGING = {"5.0": 0.15, "10.0": 0.5, "20.0": 0.85, "30.0": 0.96, "+Inf": 1}
QUALITY = {"3.0": 0.02, "3.5": 0.06, "4.0": 0.3, "4.5": 1, "+Inf": 1}
"""Shares of the calls that ring for less than so many seconds, and that sound worse."""

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
        for number, partner in enumerate(self.partners):
            calls, rate = 200.0 * (1 + number % 5), 0.5 + 0.03 * (number % 4)
            began = self.drop.begin if self.drop is not None and self.drop.partner == partner else math.inf
            outbound = Lane(f"{partner} outbound", calls=0.7 * calls, rate=rate, price=0.9, began=began)
            inbound = Lane(f"{partner} inbound", calls=0.3 * calls, rate=rate + 0.25, price=0.3)
            own = f'{target},partner="{partner}"'
            for name, labels, back, value in (
                *self._health(),
                *self._account(partner, 1e5 * (3 + number % 4), outbound, inbound),
                *self._direction("outbound", outbound),
                *self._direction("inbound", inbound),
                *self._product("sip_trunking", 0.6, outbound, inbound),
                *self._product("voice_api", 0.4, outbound, inbound),
            ):
                yield name, f"{own},{labels}" if labels else own, back, value

    def _health(self) -> Iterator[Row]:
        now = self.recent
        yield "vobiz_poll_interval_seconds", "", DAY, fixed(POLL)
        yield "vobiz_polls_missed_total", "", max(HOUR, now), fixed(0)
        yield "vobiz_corrections_total", "", max(HOUR, now), fixed(0)
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
            for bound, share in (("0.1", 0.3), ("0.25", 0.85), ("0.5", 0.98), ("+Inf", 1)):
                yield "vobiz_api_request_duration_seconds_bucket", f'{of},le="{bound}"', now, times(share, polls)

    def _account(self, partner: str, full: float, outbound: Lane, inbound: Lane) -> Iterator[Row]:
        now, currency = self.recent, 'currency="INR"'
        cost = plus(outbound.cost, inbound.cost)
        yield "vobiz_balance", currency, max(2 * HOUR, now), left(full, cost, 5 * DAY)
        yield "vobiz_accounts", 'status="active"', DAY, fixed(40)
        yield "vobiz_accounts", 'status="inactive"', now, fixed(3)
        yield "vobiz_cost_total", currency, self.days, cost
        yield "vobiz_cost_taken_back", currency, DAY, fixed(0)
        yield "vobiz_cost_per_hour_expected", currency, now, plus(outbound.usual_cost, inbound.usual_cost)
        yield "vobiz_spend_spike_score", currency, now, restless(f"{partner} spend")
        yield "vobiz_wallet_balance", currency, 7 * DAY, left(1e5, times(300 / HOUR, itself), DAY)
        yield "vobiz_customers_below_balance", "", 7 * DAY, fixed(2)
        yield "vobiz_customers_balance_limit", "", now, fixed(100)
        yield "vobiz_customers_unread", "", now, fixed(0)
        yield "vobiz_customers", 'status="active"', now, fixed(40)
        yield "vobiz_customers_kyc", 'kyc_status="verified"', now, fixed(40)
        yield "vobiz_account_series_dropped_total", "", now, fixed(0)
        yield "vobiz_account_balance", f'account_id="MA_1",{currency}', now, fixed(12)

    def _direction(self, direction: str, lane: Lane) -> Iterator[Row]:
        now, of, began = self.recent, f'direction="{direction}"', lane.began
        unanswered = times(1 - lane.rate, lane.called)
        yield "vobiz_calls_total", of, self.days, lane.called
        yield "vobiz_answered_calls_total", of, self.days, lane.answered
        yield "vobiz_call_seconds_total", of, self.days, lane.talked
        yield "vobiz_call_seconds_taken_back", of, DAY, fixed(0)
        yield "vobiz_calls_per_hour_expected", of, now, lane.usual_calls
        yield "vobiz_answer_ratio_expected", of, now, fixed(lane.rate)
        yield "vobiz_answer_drop_score", of, now, plus(restless(lane.name), rising(began, 1 / 500, most=1.1))
        yield "vobiz_answer_drop_calls", of, now, grown(lane.called, began)
        yield "vobiz_answer_drop_answered_calls", of, now, grown(lane.answered, began)
        yield "vobiz_answer_drop_start_timestamp_seconds", of, now, fixed(min(began, self.end))
        yield "vobiz_traffic_drop_score", of, now, restless(f"{lane.name} traffic")
        yield "vobiz_minutes_spike_score", of, now, restless(f"{lane.name} minutes")
        for cause, usual in CAUSES.items():
            by = f'{of},cause="{cause}"'
            yield "vobiz_cdr_cause_share", by, now, moved(usual, CAUSES_OF_A_DROP[cause], began)
            yield "vobiz_cdr_cause_share_usual", by, now, fixed(usual)
            yield "vobiz_cdr_calls_total", f'{by},answered="false",source="Carrier"', now, times(usual, unanswered)
        for name, bounds in (("ring_seconds", RINGING), ("mos", QUALITY)):
            for bound, share_below in bounds.items():
                yield f"vobiz_cdr_{name}_bucket", f'{of},le="{bound}"', now, times(share_below, lane.answered)
        for period, back, begin in (
            ("today", self.days, midnight),
            ("30d", now, lambda at: midnight(at) - 30 * DAY),
            ("month", self.days, month_begin),
        ):
            by = f'{of},period="{period}"'
            yield "vobiz_period_calls", by, back, within(lane.called, begin)
            yield "vobiz_period_answered_calls", by, back, within(lane.answered, begin)
            yield "vobiz_period_minutes", by, back, times(1 / 60, within(lane.talked, begin))
            yield "vobiz_period_cost", f'{by},currency="INR"', back, within(lane.cost, begin)

    def _product(self, product: str, share: float, outbound: Lane, inbound: Lane) -> Iterator[Row]:
        now, of = self.recent, f'product="{product}"'
        yield "vobiz_product_answer_drop_score", of, now, restless(f"{outbound.name} {product}")
        for name, labels, out, into in (
            ("calls", of, outbound.called, inbound.called),
            ("answered_calls", of, outbound.answered, inbound.answered),
            ("call_seconds", of, outbound.talked, inbound.talked),
            ("cost", f'{of},currency="INR"', outbound.cost, inbound.cost),
        ):
            yield f"vobiz_product_{name}_total", labels, now, times(share, plus(out, into))
