"""One lane's answer rate: from counts at each poll to a score. A lane is a direction or a product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Annotated

from exporter.detect.cusum import Cusum, evidence, onset_rate
from exporter.detect.judgements import UNKNOWN_RATE, AnswerRate, Verdict
from exporter.detect.observations import Counts, Day, Moment
from exporter.detect.profile import (
    HOURS_DIFFER,
    MIN_DAYS,
    RateProfile,
    as_rate,
    call_variance,
    usual_day,
    weekday_offsets,
)
from exporter.detect.ranges import BY_WEEKDAY, Amount, Difference, Minute
from exporter.detect.variation import WANDER, WANDER_MINUTES, Clumping, RateLevel, Volume

SIZES = (0.95, 0.6, 0.35, 0.2)
"""The shares of answers lost that are looked for, the deepest first."""
DAY, HOUR = 1440.0, 60.0
FIRST_CALLS = 200.0
"""Calls after which a lane of which no days are known has a first rate."""
MAX_HOLD, HOLD_CALLS = 15.0, 1000.0
"""The longest mean call in minutes, and the answered calls over which it is averaged."""
STEP = 0.8
"""Minutes from weighing to weighing at the least: one lump of failures polled in four pieces is still one lump."""
OPEN = 360.0
"""Minutes after which a suspicion that does not page is dropped. 3 to 12 hours make little difference."""
SUSPICIOUS, DOUBT = 0.5, 0.7
"""The score from which people are shown that something may be wrong; and from which nothing is learned."""
CEILING, END = 1.05, 0.5
"""The highest score, and that at which a page ends: the time from one to the other keeps one fault one page, and makes
it long until a drop that is over is called so. With an end of 0.7 a change for good pages twice as often."""
STILL = 4.0
"""Nats by which the calls that ended a deep drop must speak for a lesser one, for that to go on."""
ACCEPT = 720.0
"""Minutes of paging (net) after which a drop by less than half is accepted as the new usual."""
FLOOD, FLOOD_DIFFERS = 1.5, 0.1
"""Times the busy volume that are a flood; and how far the rate of the calls beyond may be from that of the others."""


@dataclass(slots=True)
class AnswerRateLane:
    """All that is remembered of one lane; judged once it has begun. Minutes are Unix minutes."""

    begun: bool = False
    suspended: bool = False
    """Whether too few of the last days had calls: what is remembered stays, but is compared with nothing."""
    first_minute: Minute = 0.0
    first_calls: Amount = 0.0
    first_answered: Amount = 0.0
    """Since when, and what was seen before it began."""
    polled: Minute = 0.0
    weighed: Minute = 0.0
    new_calls: Amount = 0.0
    new_answered: Amount = 0.0
    score: Amount = 0.0
    paged: Amount = 0.0
    """Minutes for which it paged; four without a page take one off."""
    away: Difference = 0.0
    """How far the rate of the last hours was from usual."""
    hold: Amount = 0.0
    """Minutes that an answered call takes in the mean; 0 until that is known."""
    calls_per_minute: Amount = 0.0
    """Of the last hour."""
    weekdays: Annotated[list[Difference], BY_WEEKDAY] = field(default_factory=lambda: [0.0] * 7)
    profile: RateProfile = field(default_factory=RateProfile)
    level: RateLevel = field(default_factory=RateLevel)
    volume: Volume = field(default_factory=Volume)
    clumping: Clumping = field(default_factory=Clumping)
    sizes: tuple[Cusum, Cusum, Cusum, Cusum] = field(default_factory=lambda: (Cusum(), Cusum(), Cusum(), Cusum()))
    """One of each of SIZES."""

    @property
    def judged(self) -> bool:
        """Whether there is something to compare with."""
        return self.begun and not self.suspended

    def begin(self, minute: float, rate: float, calls: float) -> None:
        """Start to judge, from the rate and the calls of the usual day alone."""
        self.begun, self.polled, self.weighed = True, minute, minute
        self.profile.reset([as_rate(rate)] * 24)
        self.level.variance = WANDER**2 + HOURS_DIFFER**2
        self.volume = Volume(now=calls / DAY, busy=max(2 * calls / DAY, 1e-6))

    def learn(self, days: Sequence[Day], minute: float) -> None:
        """Take in the complete days: the lane begins with them, and its weekdays follow them."""
        usual = usual_day(days)
        self.suspended = usual is None and len(days) >= MIN_DAYS
        if usual is not None:
            if not self.begun:
                self.begin(minute, *usual)
            self.weekdays = weekday_offsets(days, usual[0])

    def _collect(self, minute: float, counts: Counts, min_days: int) -> None:
        self.first_minute = min(self.first_minute or minute, minute)
        self.first_calls += counts.calls
        self.first_answered += counts.answered
        days = (minute - self.first_minute) / DAY
        if self.first_calls >= FIRST_CALLS and days > 0 and days >= min_days:
            self.begin(minute, self.first_answered / self.first_calls, self.first_calls / days)

    def judge(self, threshold: float) -> AnswerRate:
        """The conclusion of the last poll."""
        if not self.judged:
            return UNKNOWN_RATE
        top = max(self.sizes, key=lambda size: size.score)
        expected = as_rate(self.profile.at((self.profile.hour + 0.5) % 24)[0] + self.level.level)
        total_loss = evidence(HOUR * self.calls_per_minute, 0.0, expected, expected * (1 - SIZES[0]))
        if self.score >= 1:
            verdict = Verdict.DROPPED
        elif self.score > SUSPICIOUS:
            verdict = Verdict.SUSPICIOUS
        elif total_loss < threshold * self.clumping.factor(expected):
            verdict = Verdict.TOO_FEW_CALLS
        else:
            verdict = Verdict.USUAL
        if top.nats <= 0:
            return AnswerRate(verdict=verdict, score=self.score, expected_ratio=expected)
        return AnswerRate(
            verdict=verdict,
            score=self.score,
            since=60 * top.since,
            calls=round(top.booked),
            answered=round(top.booked_answered),
            expected_ratio=as_rate(expected - self.level.level + top.level),
        )

    def observe(self, moment: Moment, counts: Counts, threshold: float, *, min_days: int = 0) -> None:
        """Weigh what a good poll brought; ``threshold`` are the nats that page.

        A lane of which no days are known, as those of products, begins after some 200 calls in so many days or more.
        """
        if not counts.answered_known:
            return
        if not self.begun and not self.suspended:
            self._collect(moment.minute, counts, min_days)
        if not self.judged:
            return
        minute, hour_of_day = moment.minute, moment.hour_of_day
        if counts.answered > 0 and counts.seconds > 0:
            weight = min(1.0, counts.answered / HOLD_CALLS) if self.hold > 0 else 1.0
            self.hold += weight * (min(counts.seconds / counts.answered / 60, MAX_HOLD) - self.hold)
        if minute < self.polled:
            # The clock was set back: nothing is younger than now.
            self.polled = self.weighed = minute
            self.clumping.began = min(self.clumping.began, minute)
            for size in self.sizes:
                size.since = min(size.since, minute)
        if int(hour_of_day) != self.profile.hour:
            self._end_hour()
            self.profile.begin_hour(int(hour_of_day), self.weekdays[moment.weekday])
        usual, ignorance = self.profile.at(hour_of_day)
        stray = self.level.wander + ignorance
        silent, self.polled = minute - self.polled, minute
        self.level.predict(silent, stray)
        self.new_calls += counts.calls
        self.new_answered += counts.answered
        if silent > moment.max_gap:
            self.weighed, self.new_calls, self.new_answered = minute, 0.0, 0.0
        minutes = minute - self.weighed
        if self.new_calls <= 0 or minutes < STEP:
            return
        booked, answered = self.new_calls, min(self.new_answered, self.new_calls)
        self.new_calls, self.new_answered, self.weighed = 0.0, 0.0, minute
        if minutes > DAY:
            self._forget()
        expected = as_rate(usual + self.level.level)
        failed, to_learn = self.volume.limit(minutes, booked, answered, expected, self.clumping.factor(expected))
        calls, learned = answered + failed, answered + to_learn
        self.profile.doubted |= self.score >= DOUBT
        if self.score < 1:
            self.profile.calls += learned
            self.profile.answered += answered
        self._weigh(minute, minutes, calls, answered, usual, stray, threshold)
        self.calls_per_minute += (1 - exp(-minutes / HOUR)) * (booked / minutes - self.calls_per_minute)
        for size in self.sizes:
            if size.nats > 0:
                size.booked += booked
                size.booked_answered += answered
        if calls > 0:
            self._accept(minutes, answered / calls - usual, usual)
        self._learn(minute, learned, answered, usual, stray, cut=booked - learned > 0.1 * learned)

    def accept_usual(self) -> None:
        """Take the rate of the last hours for usual."""
        self.profile.reset([as_rate(rate + self.away) for rate in self.profile.rates])
        self.level.level = self.away = self.paged = 0.0
        self._forget()

    def _forget(self) -> None:
        self.score = 0.0
        for size in self.sizes:
            size.clear()

    def _end_hour(self) -> None:
        profile = self.profile
        if profile.calls > 0:
            rate, known = profile.rates[profile.hour], profile.known[profile.hour]
            surplus, chance = profile.surplus(), self.clumping.factor(rate) * call_variance(rate) / profile.calls
            profile.end_hour(chance + self.level.wander)
            if not profile.doubted:
                self.level.learn_wander(surplus, chance, call_variance(rate) / known)

    def _weigh(
        self, minute: float, minutes: float, calls: float, answered: float, usual: float, stray: float, threshold: float
    ) -> None:
        self.score = 0.0
        flood = self.volume.flood()
        over: tuple[float, float] | None = None
        for lost, size in zip(SIZES, self.sizes, strict=True):
            if minute - size.since > OPEN and not size.pages:
                size.clear()
            if size.nats <= 0:
                size.begin(minute - minutes, self.level.level, self.level.variance)
            rate = as_rate(usual + size.level)
            if over and evidence(*over, rate, rate * (1 - lost)) <= STILL:
                size.clear()  # what a deeper drop left behind is over with it
                continue
            size.late_calls += calls
            size.late_answered += answered
            dropped = onset_rate(rate, lost, minute - minutes / 2 - size.since, self.hold)
            size.nats = max(size.nats + evidence(calls, answered, rate, dropped), 0.0)
            variance = size.variance + stray * (1 - exp(-2 * (minute - size.since) / WANDER_MINUTES))
            variance = min(variance, stray) + (FLOOD_DIFFERS * max(0.0, 1 - FLOOD / flood)) ** 2
            clumps, doubt = self.clumping.factor(rate) * flood, variance / (rate * (1 - rate))
            size.score = size.nats / (clumps + (size.calls + calls) * doubt) / threshold
            if size.score > CEILING:
                size.calls = size.calls or calls
                size.score, size.nats = CEILING, CEILING * threshold * (clumps + size.calls * doubt)
                size.late_calls = size.late_answered = 0.0
            elif size.nats > 0:
                size.calls += calls
            if size.pages and size.score < END:
                over = size.late_calls, size.late_answered
                size.clear()
            size.pages |= size.score >= 1
            self.score = max(self.score, size.score, 1.01 if size.pages else 0.0)

    def _accept(self, minutes: float, away: float, usual: float) -> None:
        """A page of half a day becomes the new usual if at least half as many as usual are answered."""
        self.away += (1 - exp(-minutes / OPEN)) * (away - self.away)
        self.paged = max(self.paged - minutes / 4, 0.0) if self.score < 1 else self.paged + minutes
        if self.score >= 1 and self.paged > ACCEPT and self.away > -0.5 * usual:
            self.accept_usual()

    def _learn(self, minute: float, calls: float, answered: float, usual: float, stray: float, *, cut: bool) -> None:
        if self.score >= DOUBT:
            self.clumping.restart(minute)
            return
        rate = as_rate(usual + self.level.level)
        self.clumping.learn(minute, calls, answered - calls * usual, rate)
        if cut or calls <= 0:
            return
        # A flood's failures are booked at once, and its answers when it is over: they do not raise what is usual. But a
        # campaign with a lower rate is followed.
        surplus = answered / calls - rate
        if surplus < 0 or self.volume.flood() <= FLOOD:
            self.level.correct(surplus, self.clumping.factor(rate) * rate * (1 - rate) / calls, stray)
