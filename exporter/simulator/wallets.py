"""What customers have left to spend. Money here is in hundred-thousandths of a rupee, the API's five decimals."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate

from .climate import DAY

UNITS_A_PAISA = 1_000

_LOW_DAYS, _FULL_DAYS = 3.0, 12.0
_THRIFTY_LOW_DAYS, _THRIFTY_FULL_DAYS = 0.4, 1.0
_TOP_UP_HOUR = 9
_MASTER_DAYS = 60.0


class Wallets:
    """One wallet a customer, and the partner's own (``master``), from which customers are topped up each morning.

    ``weights`` are the customers' shares of the traffic and ``cost_a_day`` the paise that all of them usually spend
    in a day: a wallet that holds less than three days of its customer's spend at 9:00 is filled up to twelve. A
    ``thrifty`` customer's is filled up to one, so that it runs low in the evening.
    """

    def __init__(
        self,
        *,
        weights: Sequence[float],
        thrifty: Sequence[bool],
        cost_a_day: float,
        rng: random.Random,
        start: float,
    ) -> None:
        self._rng = rng
        self._days = [(_THRIFTY_LOW_DAYS, _THRIFTY_FULL_DAYS) if few else (_LOW_DAYS, _FULL_DAYS) for few in thrifty]
        self._steps = list(accumulate(weights))
        self._usual = [cost_a_day * UNITS_A_PAISA * weight / self._steps[-1] for weight in weights]
        self._next_top_up = (start - _TOP_UP_HOUR * 3_600) // DAY * DAY + DAY + _TOP_UP_HOUR * 3_600
        self.credits = [
            int(usual * rng.uniform(low, full)) for usual, (low, full) in zip(self._usual, self._days, strict=True)
        ]
        self.master = int(sum(self._usual) * _MASTER_DAYS)
        self._empty: int | None = None

    @property
    def balance(self) -> int:
        """What all customers hold together."""
        return sum(self.credits)

    def charge(self, paise: int) -> None:
        """Take ``paise`` (negative: give them back) from one customer, the busy ones more often."""
        if paise:
            (customer,) = self._rng.choices(range(len(self.credits)), cum_weights=self._steps)
            if customer != self._empty:
                self.credits[customer] -= paise * UNITS_A_PAISA

    def empty(self, customer: int | None) -> None:
        """Let a customer have nothing left from now on; None: top up who had, and let all of them have credit."""
        if customer == self._empty:
            return
        if self._empty is not None:
            self._fill(self._empty)
        self._empty = customer
        if customer is not None:
            self.credits[customer] = 0

    def settle(self, now: float) -> None:
        """Top up what is low, for each morning that has come by ``now``."""
        while self._next_top_up <= now:
            self._next_top_up += DAY
            for customer, (usual, (low, _)) in enumerate(zip(self._usual, self._days, strict=True)):
                if self.credits[customer] < usual * low and customer != self._empty:
                    self._fill(customer)
            if self.master < sum(self._usual) * _FULL_DAYS:
                self.master += int(sum(self._usual) * _MASTER_DAYS)

    def _fill(self, customer: int) -> None:
        refill = int(self._usual[customer] * self._days[customer][1]) - self.credits[customer]
        self.credits[customer] += refill
        self.master -= refill
