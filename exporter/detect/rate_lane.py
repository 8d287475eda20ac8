"""A lane's answer rate from its first call on: before there is something to compare with, nothing is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from exporter.detect.answer_rate import DAY, AnswerRateLane
from exporter.detect.history import MIN_DAYS, UsualDay, usual_day, weekday_offsets
from exporter.detect.judgements import UNKNOWN_RATE, AnswerRate
from exporter.detect.moment import Moment
from exporter.detect.observations import Counts, Day
from exporter.detect.state import number

MIN_CALLS = 200.0
"""Calls after which a lane of which no days are known has a first rate."""


@dataclass(slots=True)
class RateLane:
    """An answer rate that is judged once there are three complete days with calls, or enough calls were collected."""

    begun: bool = False
    suspended: bool = False
    """Whether too few of the last days had calls: what is remembered stays, but is compared with nothing."""
    first_minute: float = number()
    first_calls: float = number(low=0)
    first_answered: float = number(low=0)
    """Since when, and what was seen before it began."""
    rate: AnswerRateLane = field(default_factory=AnswerRateLane)

    def learn(self, days: Sequence[Day], minute: float) -> None:
        """Take in the complete days: the lane begins with them, and its weekdays follow them."""
        usual = usual_day(days)
        self.suspended = usual is None and len(days) >= MIN_DAYS
        if usual is None:
            return
        if not self.begun:
            self.begun, self.rate = True, AnswerRateLane.begin(minute, usual)
        self.rate.weekdays = weekday_offsets(days, usual.rate)

    def collect(self, minute: float, counts: Counts, *, min_days: int) -> None:
        """Count the calls of a lane of which no days are known, and begin after some 200 in so many days or more."""
        if self.begun or self.suspended:
            return
        self.first_minute = self.first_minute or minute
        self.first_calls += counts.calls
        self.first_answered += counts.answered
        days = (minute - self.first_minute) / DAY
        if self.first_calls >= MIN_CALLS and days > 0 and days >= min_days:
            usual = UsualDay(rate=self.first_answered / self.first_calls, calls=self.first_calls / days)
            self.begun, self.rate = True, AnswerRateLane.begin(minute, usual)

    @property
    def judged(self) -> bool:
        """Whether there is something to compare with."""
        return self.begun and not self.suspended

    def observe(self, moment: Moment, counts: Counts, wanted: float) -> None:
        """Weigh what a poll brought."""
        if self.judged:
            self.rate.observe(moment, counts, wanted)

    def judge(self, wanted: float) -> AnswerRate:
        """The conclusion of the last poll."""
        return self.rate.judge(wanted) if self.judged else UNKNOWN_RATE
