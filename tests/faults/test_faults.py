"""The fault matrix as ``make faults`` runs it, with some faults of each kind; docs/reliability.md has them all."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from tests.faults import report
from tests.faults.catalogue import ROWS
from tests.faults.job import CHECKS, Verdict
from tests.faults.values import key, missing, samples, wrong
from tests.rig.process import Process, marked, processes

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "reliability.md"
SOME = (
    # of the API, all in one daemon
    *("close-in-body", "length-too-short", "gzip-bomb", "body-html", "body-nested", "body-bom", "body-nan"),
    *("calls-null", "answered-above-calls", "days-missing", "currency-injection", "status-302", "status-503"),
    # of connections
    *("connect-refused", "tls-expired", "proxy-refused"),
    # on this side
    *("file-size-limit", "state-is-directory", "two-daemons", "memory-exhausted", "address-space-exhausted"),
    *("config-gone", "token-gone"),
)


def matrix(*arguments: str, mark: Path) -> Process:
    """The matrix; it and all that it starts bear a mark."""
    return marked("tests.faults", *arguments, mark=mark)


@pytest.mark.timeout(300)
def test_some_faults_of_each_kind_are_survived_logged_outcomes_counted_and_recovered_from(tmp_path: Path) -> None:
    # whoever is slow here is the machine
    with matrix("--exact", "--jobs=12", "--slack=30", *SOME, mark=tmp_path) as running:
        assert running.wait(seconds=280) == 0, running.output
    output = running.output
    assert f"{len(SOME)} as they must be, 0 not." in output
    assert processes(tmp_path) == 0
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_matrix_leaves_nothing_behind(tmp_path: Path) -> None:
    with matrix("server-midnight", "status-418", mark=tmp_path) as running:
        running.wait_for(lambda: processes(tmp_path) == 3, "two daemons")
        assert running.stop(signal.SIGINT) == 130, running.output
    assert processes(tmp_path) == 0
    assert list(tmp_path.iterdir()) == []


def test_the_document_has_a_row_for_every_fault_and_each_of_them_holds() -> None:
    faults = DOCUMENT.read_text(encoding="utf-8").partition("\n## Fuzzing\n")[0]
    rows = re.findall(r"^\| `([\w-]+)` \|(.*)$", faults, re.MULTILINE)
    assert [name for name, _ in rows] == [name for _, name, _ in ROWS]
    assert not [name for name, cells in rows if "**NO**" in cells]


def test_no_two_faults_have_one_name() -> None:
    names = [name for _, name, _ in ROWS]
    assert len(names) == len(set(names))


def test_a_value_that_no_truth_has_is_wrong_and_one_that_is_absent_is_not() -> None:
    page = samples('vobiz_balance{partner="acme",currency="INR"} 7\nvobiz_up{partner="acme",endpoint="dashboard"} 0\n')
    before, after = {key("vobiz_balance", currency="INR"): 6.0}, {key("vobiz_balance", currency="INR"): 7.0}
    assert wrong(page["acme"], [before, after]) == []
    assert wrong(page["acme"], [before]) == ["vobiz_balance{currency=INR} 7"]
    assert wrong({}, [before]) == []
    assert missing({}, after) == ["vobiz_balance{currency=INR}"]


@pytest.mark.parametrize("check", CHECKS)
def test_one_cell_that_does_not_hold_fails_the_row_and_is_shown_in_it(check: str) -> None:
    verdict = Verdict(name="some-fault", what="something", group="Group", tried=1)
    assert verdict.holds
    verdict.fail(check, "something else")
    assert not verdict.holds
    assert report.problems(verdict) == [f"{check}: something else"]
    assert "**NO**: something else" in report.markdown([verdict])


def test_a_fault_that_was_not_tried_does_not_hold() -> None:
    assert not Verdict(name="some-fault", what="something", group="Group").holds
