"""The endpoints with one answer each: ``/dashboard`` at every poll, and ``/me`` where the wallet is collected."""

from __future__ import annotations

from dataclasses import replace

from exporter.api.model import Unreadable
from exporter.poll.endpoint import Answers, Context, Endpoint
from exporter.poll.evidence import baselines
from exporter.poll.snapshot import Snapshot


class Dashboard(Endpoint):
    """Balance, accounts and the last 30 days; the most reliable statement of the server's day."""

    name = "dashboard"

    def __init__(self, context: Context) -> None:
        super().__init__(context, every=context.poll.interval)

    def fetch(self, answers: Answers) -> tuple[Unreadable, ...]:
        """Its one answer."""
        report = self.context.client.dashboard()
        answers.dashboard = report
        answers.today = None if report.window is None else report.window.last
        return report.unreadable

    def apply(self, snapshot: Snapshot, answers: Answers) -> Snapshot:
        """The snapshot with this poll's answer, if there is one."""
        report = answers.dashboard
        if report is None:
            return snapshot
        return replace(snapshot, dashboard=self.context.dated(report), baselines=baselines(report))


class Me(Endpoint):
    """The partner's own wallet."""

    name = "me"

    def __init__(self, context: Context) -> None:
        super().__init__(context, every=context.poll.slow_interval)
        self._latest = context.known.wallet

    def fetch(self, answers: Answers) -> tuple[Unreadable, ...]:
        """Its one answer."""
        wallet = self.context.client.me()
        self._latest = self.context.dated(wallet, every=self.backoff.every)
        return wallet.unreadable

    def apply(self, snapshot: Snapshot, answers: Answers) -> Snapshot:
        """The snapshot with the latest wallet."""
        return replace(snapshot, wallet=self._latest)
