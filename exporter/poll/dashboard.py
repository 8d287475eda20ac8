"""The endpoints with one answer each: ``/dashboard`` at every poll, and ``/me`` where the wallet is collected."""

from __future__ import annotations

from dataclasses import replace

from exporter.api.model import Unreadable
from exporter.poll.counting import Answers
from exporter.poll.endpoint import Endpoint
from exporter.poll.evidence import baselines


class Dashboard(Endpoint):
    """Balance, accounts and the last 30 days; the most reliable statement of the server's day."""

    name = "dashboard"

    def fetch(self, answers: Answers) -> tuple[Unreadable, ...]:
        """Its one answer."""
        report = self.context.client.dashboard()
        answers.snapshot = replace(answers.snapshot, dashboard=self.context.dated(report), baselines=baselines(report))
        answers.dashboard = report
        answers.today = None if report.window is None else report.window.last
        return report.unreadable


class Me(Endpoint):
    """The partner's own wallet."""

    name = "me"

    def fetch(self, answers: Answers) -> tuple[Unreadable, ...]:
        """Its one answer."""
        wallet = self.context.client.me()
        answers.snapshot = replace(answers.snapshot, wallet=self.context.dated(wallet, every=self.backoff.every))
        return wallet.unreadable
