"""The endpoint ``/cdrs``: the newest call records, after each poll with new calls."""

from __future__ import annotations

from exporter.api.model import CallRecord, Report, Unreadable
from exporter.poll.counting import Answers
from exporter.poll.endpoint import Endpoint


class Cdrs(Endpoint):
    """Reads at most ``causes.pages`` pages a poll.

    Nothing is asked while ``/dashboard`` shows no call that it did not show at the last two readings: records come
    seconds after their calls.
    """

    name = "cdrs"
    _booked: tuple[int | None, int | None] = (None, None)
    """Calls on ``/dashboard`` at the last two readings, the later one last."""

    def fetch(self, answers: Answers) -> tuple[Unreadable, ...] | None:
        """The newest pages."""
        booked = _booked(answers.dashboard)
        if self.health.up and booked is not None and self._booked == (booked, booked):
            answers.records = ()
            return None
        records: list[CallRecord] = []
        unreadable: tuple[Unreadable, ...] = ()
        complete = False
        for number in range(1, self.context.partner.causes.pages + 1):
            page = self.context.client.cdrs(number)
            records += page.items
            unreadable += page.unreadable
            # One that was counted before may stand above others that came late: the last of the page decides.
            complete = not page.full or (bool(page.items) and answers.account.seen(page.items[-1]))
            if complete:
                break
        self._booked = (self._booked[1], booked)
        answers.records, answers.records_complete = tuple(records), complete
        return unreadable


def _booked(dashboard: Report | None) -> int | None:
    """The calls of all days that ``/dashboard`` shows."""
    if dashboard is None or dashboard.days is None:
        return None
    return sum(row.total.calls or 0 for row in dashboard.days)
