"""``check --live`` says whether the API gives what the extras ask for; ``once`` collects them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.poll.customers import Partner, customer
from tests.rig.exporter import write_config
from tests.rig.vobiz import ScriptedVobiz
from tests.test_commands import exporter

pytestmark = pytest.mark.process

BOTH = "collect: [wallet, customers]\n"


def checked(partner: Partner, directory: Path, extra: str) -> tuple[int, str]:
    with ScriptedVobiz(partner.script) as api:
        done = exporter("check", "--live", f"--config.file={write_config(directory, api.url, extra=extra)}")
    return done.returncode, done.stdout


def test_what_is_collected_is_asked_for_and_nobody_is_named(tmp_path: Path) -> None:
    partner = Partner([customer(1), customer(2, cash_credits="plenty")])
    code, printed = checked(partner, tmp_path, BOTH)
    assert code == 0
    assert "acme: /me answers\n" in printed
    assert "acme: /accounts answers\n" in printed
    assert "acme: /accounts lacks 1 fields, their values are absent: accounts[1].cash_credits: not a" in printed
    assert "Secret" not in printed


def test_what_is_not_collected_is_not_asked_for(tmp_path: Path) -> None:
    partner = Partner()
    partner.statuses.update(me=403, accounts=403)
    code, printed = checked(partner, tmp_path, "")
    assert code == 0
    assert "/me" not in printed


@pytest.mark.parametrize(("endpoint", "extra"), [("me", "wallet"), ("accounts", "customers")])
def test_a_refusal_names_the_extra_and_does_not_hide_the_other(tmp_path: Path, endpoint: str, extra: str) -> None:
    partner = Partner()
    partner.statuses[endpoint] = 403
    code, printed = checked(partner, tmp_path, BOTH)
    assert code == 1
    assert f"acme: /{endpoint}, which collect: [{extra}] asks for: the API answered 403 Forbidden; " in printed
    assert ("/accounts answers" if endpoint == "me" else "/me answers") in printed


def test_once_has_both_and_fails_if_one_of_them_did(tmp_path: Path) -> None:
    partner = Partner([customer(number) for number in range(150)])
    with ScriptedVobiz(partner.script) as api:
        config = f"--config.file={write_config(tmp_path, api.url, extra=BOTH)}"
        good = exporter("once", config)
        partner.statuses["accounts"] = 500
        bad = exporter("once", config)
    assert good.returncode == 0
    assert 'vobiz_customers{partner="acme",status="active"} 150.0' in good.stdout
    assert 'vobiz_wallet_balance{currency="INR",partner="acme"} 250000.5' in good.stdout
    assert bad.returncode == 1
    assert 'vobiz_up{endpoint="accounts",partner="acme"} 0.0' in bad.stdout
