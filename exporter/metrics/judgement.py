"""What the detector concludes of a partner as samples. Unknown is absent."""

from __future__ import annotations

from collections.abc import Iterator

from exporter.detect import AnswerRate, Direction, Judgements
from exporter.metrics.sample import Sample, known


def judgement_samples(partner: str, judgements: Judgements) -> Iterator[Sample]:
    """Scores, and what they were judged from."""
    for direction, judged in judgements.directions.items():
        yield from _direction((partner, direction), judged)
    for product, rate in judgements.products.items():
        yield from known("vobiz_product_answer_drop_score", (partner, product), rate.score)
    for currency, spend in judgements.currencies.items():
        yield from known("vobiz_cost_per_hour_expected", (partner, currency), spend.cost_per_hour_expected)
        yield from known("vobiz_spend_spike_score", (partner, currency), spend.spend_spike_score)


def _direction(labels: tuple[str, str], judged: Direction) -> Iterator[Sample]:
    yield from _answer_rate(labels, judged.answer_rate)
    yield from known("vobiz_calls_per_hour_expected", labels, judged.calls_per_hour_expected)
    yield from known("vobiz_traffic_drop_score", labels, judged.traffic_drop_score)
    yield from known("vobiz_minutes_spike_score", labels, judged.minutes_spike_score)


def _answer_rate(labels: tuple[str, str], rate: AnswerRate) -> Iterator[Sample]:
    yield from known("vobiz_answer_drop_score", labels, rate.score)
    yield from known("vobiz_answer_ratio_expected", labels, rate.expected_ratio)
    if rate.since is not None:
        yield "vobiz_answer_drop_start_timestamp_seconds", labels, rate.since
        yield "vobiz_answer_drop_calls", labels, float(rate.calls)
        yield "vobiz_answer_drop_answered_calls", labels, float(rate.answered)
