"""As many polls as a month has, with scrapes: one exporter that polls sixty partners every second.

A daemon polls a partner once a second at the most, so that a simulated month of one partner has few of its 43,200
polls. Here the partners are many and their calls grow with every answer, all on one day: sixty ledgers that fill with
days would look like a leak. What the process takes of the machine is sampled.
"""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta
from pathlib import Path

from tests.ledger.api_model import CELLS, SHOWN_DAYS, Books, answer, body
from tests.rig.exporter import Exporter
from tests.rig.vobiz import Answer, ScriptedVobiz
from tests.soak.plan import DAY
from tests.soak.usage import Usage, usage

PARTNERS = 60
POLLS_A_DAY = 1440
"""At the default interval of a minute."""

MEMORY_IS_GIVEN_BACK = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
"""What each of sixty threads keeps of freed memory for itself grows to megabytes in a quarter of an hour: no leak."""

LOOK = 2.0
"""Real seconds between samples; each comes with a scrape."""


class ManyPolls:
    """Polls from the start to the end of ``with``, in ``directory``. ``samples`` are by the days of as many polls."""

    def __init__(self, directory: Path, polls: int) -> None:
        self.samples: list[Usage] = []
        self.polls = 0
        self._wanted = polls
        self._books = Books(today=date(2026, 7, 1))
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._done = threading.Event()
        self._vobiz = ScriptedVobiz(self._answer)
        directory.mkdir(parents=True)
        config = {
            "partners": [
                {"name": f"partner-{number}", "auth_id": f"PA_{number}", "auth_token": "t"}
                for number in range(PARTNERS)
            ],
            "api": {"base_url": self._vobiz.url},
            "poll": {"interval": "1s", "slow_interval": "30s"},
            "state": {"path": str(directory / "state.db")},
        }
        path = directory / "config.yaml"
        # YAML reads JSON
        path.write_text(json.dumps(config), encoding="utf-8")
        arguments = ("run", f"--config.file={path}")
        self._exporter = Exporter(*arguments, log=directory / "exporter.log", environment=MEMORY_IS_GIVEN_BACK)
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> ManyPolls:
        self._exporter.start()
        self._exporter.wait_until_ready()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._exporter.close()
        self._vobiz.server.close()

    def wait(self) -> None:
        """Return when as many polls were made as were wanted."""
        while not self._done.wait(1.0):
            if not self._exporter.running:
                raise AssertionError("the exporter of many partners has ended")

    def _watch(self) -> None:
        while not self._closing.wait(LOOK) and self._exporter.running:
            self._exporter.page()
            polls = self.polls
            self.samples.append(usage(self._exporter.pid, at=polls / POLLS_A_DAY * DAY, life=0))
            if polls >= self._wanted:
                self._done.set()

    def _answer(self, endpoint: str, query: dict[str, str]) -> Answer:
        with self._lock:
            books = self._books
            if endpoint == "dashboard":
                self.polls += 1
                books.book(books.today, CELLS[self.polls % len(CELLS)], (3, 2, 17, 313))
            first = query.get("from_date")
            last = query.get("to_date")
            said = answer(
                books,
                first=date.fromisoformat(first) if first else books.today - timedelta(days=SHOWN_DAYS),
                last=date.fromisoformat(last) if last else books.today,
            )
        return 200, body(said)
