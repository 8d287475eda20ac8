"""The component alone, which the benchmark measures, and the whole way through exporter and Prometheus say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from exporter.detect.answer_rate import AnswerRateLane
from exporter.detect.detector import Detector
from exporter.detect.observations import Counts, Day, History, Increments, Moment
from tests.detect.partner import SECONDS, Partner
from tests.ledger.api_model import Books
from tests.poll.rig import INTERVAL, TODAY, WALL, rig_of
from tests.rig.process import Process, module, run
from tests.rig.prometheus import Prometheus
from tests.rig.tools import tool

CELL = ("outbound", "voice_api")
USUAL = 0.6


@pytest.mark.parametrize(("calls_per_hour", "left"), [(3000.0, 0.5), (300.0, 0.0)])
def test_what_the_exporter_publishes_at_each_poll_is_the_score_of_the_component_alone(
    calls_per_hour: float, left: float
) -> None:
    traffic = Partner(calls_per_hour=calls_per_hour, seed=3)
    alone = AnswerRateLane()
    calls = int(24 * calls_per_hour)
    answered = int(calls * USUAL)
    days = [TODAY - timedelta(days=ago) for ago in range(30, 0, -1)]
    history = [Day(weekday=day.weekday(), calls=calls, answered=answered) for day in days]
    with rig_of(Books(today=TODAY)) as rig:
        for day in days:
            rig.vobiz.books.book(day, CELL, (calls, answered, 0, 0))
        rig.poll()
        published, expected = [], []
        for minute in range(75):
            traffic.ratio = USUAL * (left if 30 <= minute < 65 else 1.0)
            seen = traffic.poll().directions["outbound"]
            rig.vobiz.books.book(TODAY, CELL, (int(seen.calls), int(seen.answered), round(seen.seconds / 6), 0))
            rig.poll(after=INTERVAL)
            judged = rig.snapshot.judgements
            assert judged is not None
            published.append(judged.value.directions["outbound"].answer_rate.score)
            at = (WALL + rig.elapsed) / 60
            alone.learn(history, at)
            moment = Moment(
                minute=at,
                weekday=TODAY.weekday(),
                hour_of_day=(at - INTERVAL / 120) % 1440 / 60,
                interval=INTERVAL / 60,
            )
            alone.observe(moment, seen, 12.0)
            expected.append(alone.score)
    assert published == pytest.approx(expected, abs=1e-6)
    assert max(expected) > 1


BEGIN = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)
LOSSES = {"heavy": (1900, 2020, 0.0), "light": (2000, 2400, 0.4)}
"""Minutes from the beginning, and the answer rate then."""


def _lane(partner: str) -> Iterator[tuple[float, Counts]]:
    """Two days of one partner: when each poll was, and what it brought."""
    traffic = Partner(calls_per_hour=1200.0 if partner == "heavy" else 600.0, seed=len(partner))
    first, last, ratio = LOSSES[partner]
    for minute in range(1, 2 * 1440):
        traffic.ratio = ratio if first <= minute < last else USUAL
        yield BEGIN.timestamp() + 60 * minute, traffic.poll().directions["outbound"]


def _stored(partner: str, per_day: int) -> Iterator[tuple[str, str]]:
    calls = answered = 0.0
    for at, counts in _lane(partner):
        calls, answered = calls + counts.calls, answered + counts.answered
        values = {
            "vobiz_calls_total": calls,
            "vobiz_answered_calls_total": answered,
            "vobiz_call_seconds_total": SECONDS * answered,
            "vobiz_calls_per_day_baseline": per_day,
            "vobiz_answer_ratio_baseline": USUAL,
        }
        labels = f'job="vobiz",instance="a:1",partner="{partner}"'
        for name, value in values.items():
            yield name, f'{name}{{{labels},direction="outbound"}} {value} {at:.0f}'
        success = "vobiz_last_success_timestamp_seconds"
        yield success, f'{success}{{{labels},endpoint="dashboard"}} {at:.0f} {at:.0f}'


def _pages_alone(partner: str, per_day: int) -> list[datetime]:
    """When the component pages, from the same days and the same polls."""
    detector = Detector(interval=60.0)
    days = [Day(weekday=day % 7, calls=per_day, answered=per_day * USUAL) for day in range(14)]
    detector.learn(History(directions={"outbound": days}))
    pages, last = [], 0.0
    for at, counts in list(_lane(partner))[1:]:
        time = datetime.fromtimestamp(at, timezone.utc)
        minute = time.hour * 60 + time.minute
        detector.observe(
            Increments(timestamp=at, weekday=time.weekday(), minute_of_day=minute, directions={"outbound": counts})
        )
        score = detector.judgements.directions["outbound"].answer_rate.score
        if score is not None and score > 1:
            if at - last > 300:
                pages.append(time)
            last = at
    return pages


@pytest.mark.process
def test_replay_over_a_real_prometheus_pages_when_the_component_alone_does(tmp_path: Path) -> None:
    tool("promtool")
    per_day = {"heavy": 28_800, "light": 14_400}
    families: dict[str, list[str]] = {}
    for partner, calls in per_day.items():
        for name, line in _stored(partner, calls):
            families.setdefault(name, []).append(line)
    text = ""
    for name, lines in families.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        text += "\n".join([f"# TYPE {name.removesuffix('_total')} {kind}", *lines, ""])
    (tmp_path / "past.om").write_text(f"{text}# EOF\n", encoding="utf-8")
    run("promtool", "tsdb", "create-blocks-from", "openmetrics", tmp_path / "past.om", tmp_path / "data")
    with Prometheus(tmp_path, {}, flags=("--storage.tsdb.retention.time=90d",)) as prometheus:
        flags = (f"--prometheus.url={prometheus.url}", f"--from={BEGIN.date().isoformat()}")
        with Process(module("exporter", "replay", *flags)) as process:
            assert process.wait() == 0, process.output
            printed = process.output
    for partner, calls in per_day.items():
        found = re.findall(rf"^(\S+ \S+) +\d+ minutes  {partner}: outbound answer rate,", printed, flags=re.MULTILINE)
        replayed = [datetime.strptime(at, "%Y-%m-%d %H:%M").replace(tzinfo=timezone.utc) for at in found]
        alone = _pages_alone(partner, calls)
        assert alone
        assert len(replayed) == len(alone), (replayed, alone)
        assert all(abs(one - other) <= timedelta(minutes=2) for one, other in zip(replayed, alone, strict=True))
