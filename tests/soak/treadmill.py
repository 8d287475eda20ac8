"""A month's polls one after the other, with a scrape after each: ``python -m tests.soak.treadmill``.

The daemon polls once a second at the most, so that a simulated month has few of its 43,200 polls. Here the parts that
poll and show one partner are driven as fast as they go; what they take of the machine is printed as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from exporter.clock import Clock
from exporter.config import load_config
from exporter.daemon.memory import give_back_memory
from exporter.ledger import AccountLedger, LedgerStore
from exporter.metrics.telemetry import Telemetry
from exporter.poll.snapshot import SnapshotStore
from exporter.web.http import Request
from exporter.web.metrics_page import MetricsPage
from exporter.wiring import make_runner
from tests.soak.plan import DAY
from tests.soak.usage import Usage, usage

SAMPLES = 200
POLLS_A_DAY = 1440
"""At the default interval of a minute."""

_SCRAPE = Request(method="GET", path="/metrics", query="", headers={"accept-encoding": "gzip"})


def main() -> int:
    """Poll so many times; the samples on standard output, at the days that as many polls take at a minute each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--polls", type=int, required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--auth-id", required=True)
    parser.add_argument("--token-file", required=True)
    args = parser.parse_args()
    give_back_memory()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        samples = _run(args, Path(name))
    print(json.dumps([asdict(sample) for sample in samples]))
    return 0


def _run(args: argparse.Namespace, directory: Path) -> list[Usage]:
    config_file = directory / "config.json"
    partner = {"name": "acme", "auth_id": args.auth_id, "auth_token_file": args.token_file}
    config_file.write_text(json.dumps({"partners": [partner], "api": {"base_url": args.base_url}}), encoding="utf-8")
    config = load_config(config_file, environ={})
    clock, store, telemetry = Clock(), SnapshotStore(), Telemetry()
    state = LedgerStore(directory / "state.db", configured=[args.auth_id], now=clock.wall())
    runner = make_runner(
        config.partners[0],
        config,
        account=AccountLedger(state, partner="acme", auth_id=args.auth_id),
        publish=store.publish,
        telemetry=telemetry,
        clock=clock,
        proxies_from_environment=False,
    )
    page = MetricsPage(store=store, polls=telemetry.polls, process=telemetry.process, elapsed=clock.elapsed)
    samples = []
    for number in range(args.polls):
        runner.poll()
        page(_SCRAPE)
        if number % max(args.polls // SAMPLES, 1) == 0:
            samples.append(usage(os.getpid(), at=number / POLLS_A_DAY * DAY, life=0))
    state.close()
    return samples


if __name__ == "__main__":
    sys.exit(main())
