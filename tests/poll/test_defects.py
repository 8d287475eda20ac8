"""A defect of the exporter itself costs what it is in: one endpoint, or what is judged of its answers; no counter."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from exporter.api.errors import ApiError, Outcome
from tests.poll.configured import INTERVAL, WALL, rig_of
from tests.poll.customers import Partner

PLACES = {
    "dashboard": "exporter.poll.dashboard.baselines",
    "analytics": "exporter.poll.analytics.Question",
    "me": "exporter.api.records.parse_me",
    "accounts": "exporter.poll.accounts.summary",
    "cdrs": "exporter.api.records.parse_cdrs",
}
ACTION = "please report this defect of the exporter, with its line of the log"
EXTRAS = "collect: [wallet, customers, causes]\n"


def fails(*_given: object, **_named: object) -> NoReturn:
    raise KeyError("TELLTALE")


@pytest.mark.parametrize("endpoint", PLACES)
def test_a_defect_that_lasts_takes_its_endpoint_down_and_leaves_the_others(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with rig_of(Partner(), tmp_path, EXTRAS) as rig:
        with monkeypatch.context() as patched:
            patched.setattr(PLACES[endpoint], fails)
            for polls in (1, 2, 3):
                rig.poll()
                assert rig.snapshot.polls == polls
        failure = rig.snapshot.health[endpoint].failure
        assert failure is not None
        assert failure.to_do == f"It is tried again at the next poll. If it lasts, {ACTION}."
        assert {name: health.up for name, health in rig.snapshot.health.items()} == {
            name: name != endpoint for name in PLACES
        }
        [line] = [record for record in caplog.records if record.getMessage() == "vobiz poll failed"]
        logged = vars(line)
        assert (logged["endpoint"], logged["action"]) == (endpoint, ACTION)
        assert logged["problem"].startswith("a defect of the exporter: KeyError at ")
        assert f"{Path(__file__).name}:{fails.__code__.co_firstlineno + 1}" in logged["problem"]
        assert "TELLTALE" not in repr([vars(record) for record in caplog.records])
        for _ in range(10):
            rig.poll()
        assert all(health.up for health in rig.snapshot.health.values())


def test_a_defect_is_logged_also_where_the_endpoint_already_fails_with_the_same_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def not_vobiz(_body: bytes) -> NoReturn:
        raise ApiError(Outcome.MALFORMED, "the body is not a JSON object")

    with rig_of(Partner(), tmp_path, EXTRAS) as rig:
        for parse in (not_vobiz, fails, fails):
            monkeypatch.setattr(PLACES["me"], parse)
            rig.poll()
    lines = [vars(record) for record in caplog.records if record.getMessage() == "vobiz poll failed"]
    assert [(line["outcome"], line["action"]) for line in lines] == [
        ("malformed", Outcome.MALFORMED.remedy),
        ("malformed", ACTION),
    ]


@pytest.mark.parametrize(
    ("place", "endpoint"),
    [
        ("exporter.detect.detector.Detector.observe", "analytics"),
        ("exporter.detect.detector.Detector.dump", "analytics"),
        ("exporter.poll.causes.CauseTally.add", "cdrs"),
        ("exporter.poll.causes.CauseTally.shown", "cdrs"),
    ],
)
def test_a_defect_in_what_is_judged_takes_its_endpoint_down_and_costs_no_counter(
    place: str, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def judged() -> dict[str, bool]:
        return {"analytics": rig.snapshot.judgements is not None, "cdrs": rig.snapshot.causes is not None}

    partner = Partner()
    with rig_of(partner, tmp_path, EXTRAS) as rig:
        for _ in range(2):
            rig.poll()
        assert judged() == {"analytics": True, "cdrs": True}
        with monkeypatch.context() as patched:
            patched.setattr(place, fails)
            for polls in (1, 2, 3):
                partner.call(polls)
                rig.poll()
                assert rig.value("vobiz_calls_total", "outbound") == polls
                assert rig.page()["vobiz_up"] == {(name,): name != endpoint for name in PLACES}
        assert judged() == {"analytics": True, "cdrs": True, endpoint: False}
        assert rig.page()["vobiz_last_success_timestamp_seconds"][endpoint,] == WALL + rig.elapsed - 2 * INTERVAL
        [line] = [vars(record) for record in caplog.records if record.getMessage() == "vobiz poll failed"]
        assert (line["endpoint"], line["action"]) == (endpoint, ACTION)
        assert f"{Path(__file__).name}:{fails.__code__.co_firstlineno + 1}" in line["problem"]
        for polls in (4, 5):
            partner.call(polls)
            rig.poll()
            assert judged() == {"analytics": True, "cdrs": True}
        assert all(health.up for health in rig.snapshot.health.values())
        assert len(rig.health(endpoint).past) == 1


def test_where_the_dashboard_fails_as_well_a_defect_in_what_is_judged_leaves_the_extras(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = Partner()
    with rig_of(partner, tmp_path, EXTRAS) as rig:
        rig.poll()
        monkeypatch.setattr("exporter.detect.detector.Detector.observe", fails)
        rig.poll()
        partner.statuses["dashboard"] = 500
        rig.poll()
        assert {name: health.up for name, health in rig.snapshot.health.items()} == {
            name: name not in ("dashboard", "analytics") for name in PLACES
        }
