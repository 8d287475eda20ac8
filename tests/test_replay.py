"""``vobiz-exporter replay`` over a real Prometheus that holds a made-up history."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest

from exporter.cli import main
from tests.rig.process import Process, module, run
from tests.rig.prometheus import Prometheus
from tests.rig.tools import tool
from tests.rig.vobiz import ScriptedVobiz

pytestmark = pytest.mark.process

DAYS = 5
REPLAYED = 3
CALLS_A_MINUTE = 20
"""By day; the night has a quarter of it. Four in ten go unanswered."""

TODAY = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
START = TODAY - timedelta(days=DAYS)
OUTAGE = (TODAY - timedelta(days=1) + timedelta(hours=10), TODAY - timedelta(days=1) + timedelta(hours=11))
"""Of the partner ``acme``: an hour in which nobody answers."""

HANDOVER = TODAY - timedelta(days=2, hours=2)
"""When acme's first exporter dies; the second one, which has always run beside it, goes on."""

RESTART = TODAY - timedelta(days=1, hours=5)
"""When calm's exporter starts without its state: its counters begin at 0."""

PAUSE = (TODAY - timedelta(days=2), TODAY - timedelta(days=2) + timedelta(hours=6))
"""When calm's exporter is not running: the calls of six hours come at once."""


@dataclass(slots=True)
class Counters:
    """What one exporter shows of one partner."""

    partner: str
    instance: str
    calls: int = 0
    answered: int = 0

    def lines(self, at: int) -> Iterator[tuple[str, str]]:
        labels = f'job="vobiz",instance="{self.instance}",partner="{self.partner}"'
        yield "vobiz_calls_total", f'{{{labels},direction="outbound"}} {self.calls} {at}'
        yield "vobiz_answered_calls_total", f'{{{labels},direction="outbound"}} {self.answered} {at}'
        product = f'{labels},product="sip_trunking"'
        yield "vobiz_product_cost_total", f'{{{product},currency="INR"}} {self.calls} {at}'
        yield "vobiz_last_success_timestamp_seconds", f'{{{labels},endpoint="dashboard"}} {at} {at}'


def history() -> str:
    """The metrics of three exporters as OpenMetrics, a scrape a minute."""
    families: dict[str, list[str]] = {}
    exporters = [Counters("acme", "a:1"), Counters("acme", "b:1", calls=5_000), Counters("calm", "c:1")]
    for minute in range(DAYS * 24 * 60):
        now = START + timedelta(minutes=minute)
        busy = 1.0 if 6 <= now.hour < 22 else 0.25
        calls = round(CALLS_A_MINUTE * busy * (1 + 0.2 * math.sin(minute * 1.7)))
        answered = round(calls * (0.6 + 0.1 * math.sin(minute * 2.3)))
        for exporter in exporters:
            dead = OUTAGE[0] <= now < OUTAGE[1] and exporter.partner == "acme"
            if exporter.partner == "calm" and now == RESTART:
                exporter.calls = exporter.answered = 0
            exporter.calls += calls
            exporter.answered += 0 if dead else answered
            gone = exporter.instance == "a:1" and now >= HANDOVER
            if not gone and not (exporter.partner == "calm" and PAUSE[0] <= now < PAUSE[1]):
                for name, line in exporter.lines(int(now.timestamp())):
                    families.setdefault(name, []).append(name + line)
    text = []
    for name, lines in families.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        text += [f"# TYPE {name.removesuffix('_total')} {kind}", *lines]
    return "\n".join([*text, "# EOF", ""])


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    directory = tmp_path_factory.mktemp("prometheus")
    tool("promtool")
    (directory / "past.om").write_text(history(), encoding="utf-8")
    run("promtool", "tsdb", "create-blocks-from", "openmetrics", directory / "past.om", directory / "data")
    with Prometheus(directory, {}, flags=("--storage.tsdb.retention.time=90d",)) as running:
        yield running


FIRST = (TODAY - timedelta(days=REPLAYED)).date().isoformat()


@pytest.fixture(scope="module")
def replayed(prometheus: Prometheus) -> str:
    """What ``replay`` prints of all partners."""
    with Process(module("exporter", "replay", f"--prometheus.url={prometheus.url}", f"--from={FIRST}")) as process:
        assert process.wait() == 0, process.output
        return process.output


def test_an_outage_is_one_page_with_its_evidence_and_two_exporters_count_once(replayed: str) -> None:
    (page,) = re.findall(r"^(\S+ \S+) +(\d+) minutes  acme: outbound answer rate, (.*)$", replayed, flags=re.MULTILINE)
    began = datetime.strptime(page[0], "%Y-%m-%d %H:%M").replace(tzinfo=timezone.utc)
    assert OUTAGE[0] < began < OUTAGE[0] + timedelta(minutes=15)
    answered, calls = (int(number.replace(",", "")) for number in re.findall(r"[\d,]+", page[2])[:2])
    assert answered < calls / 4
    assert calls < 2_000, "the calls of both exporters were added up"


def test_a_reset_a_pause_and_a_handover_page_nobody(replayed: str) -> None:
    assert f"\n1 pages in {2 * REPLAYED} days with polls" in replayed


def test_less_evidence_never_means_fewer_pages(replayed: str) -> None:
    counts = [int(count) for count in re.findall(r"^ *1[0-4] +(\d+) ", replayed, flags=re.MULTILINE)]
    assert len(counts) == 5
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--partner=nobody",), "no vobiz_calls_total of that partner in this time; partners: acme, calm"),
        (("--from=2999-01-01",), "--from must be in the past"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_one_line(
    prometheus: Prometheus, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], said: str
) -> None:
    assert main(["replay", f"--prometheus.url={prometheus.url}", f"--from={FIRST}", *flags]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://user:secret@127.0.0.1:9", "http://127.0.0.1:9: no answer (ConnectionError)"),
        ("http://user:se/cret@127.0.0.1:9", "http://127.0.0.1:9: no answer (InvalidURL)"),
        ("localhost:9090", "localhost:9090: no answer (InvalidSchema)"),
        (f"http://{64 * 'a'}.com", f"http://{64 * 'a'}.com: no answer (LocationParseError)"),
    ],
)
def test_an_address_without_a_prometheus_is_said_in_one_line(
    url: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", f"--prometheus.url={url}", "--from=2026-01-01"]) == 1
    assert capsys.readouterr().err == (
        f"--prometheus.url {said}; give the address of Prometheus, such as http://localhost:9090\n"
    )


def test_no_password_is_shown_where_prometheus_has_no_counters(
    prometheus: Prometheus, capsys: pytest.CaptureFixture[str]
) -> None:
    url = prometheus.url.replace("//", "//user:secret@")
    assert main(["replay", f"--prometheus.url={url}", f"--from={FIRST}", "--partner=nobody"]) == 1
    assert capsys.readouterr().err.startswith(f"--prometheus.url {prometheus.url}: no vobiz_calls_total")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"success"', b'{"status": "success"}', b"<html>"])
def test_an_answer_of_something_else_is_said_in_one_line(body: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    with ScriptedVobiz(lambda endpoint, query: (200, body)) as stranger:
        assert main(["replay", f"--prometheus.url={stranger.url}", "--from=2026-01-01"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"--prometheus.url {stranger.url}: ")
    assert said.count("\n") == 1
