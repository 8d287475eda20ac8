"""The configuration file: a Config, or one line for each problem."""

from __future__ import annotations

from functools import partial
from math import isfinite
from pathlib import Path

from docs.generator.keys import all_keys
from exporter.config.errors import ConfigError
from exporter.config.load import load_config
from exporter.config.model import PERIODS, Config
from tests.fuzz.target import Target, split

TOKEN = "tok9Zq7Leak3Xw"
IN_FILE = "f1leSecret8Kq"
_NO_PLACE = ("the file is ", "stopped after ")
"""Beginnings of what is wrong with a file as a whole."""

_WHOLE = b"""\
partners:
  - name: acme
    auth_id: PA_1
    auth_token: ${TOKEN}
    alerts: {balance_runway_low_hours: 48}
  - {auth_id: "PA_2", auth_token_file: "${SECRET_FILE}"}
api:
  base_url: https://api.vobiz.ai/api/v1/partner
  timeout: 10s
  allow_http: false
poll:
  interval: 60s
  slow_interval: 5m
  periods: [today, yesterday, 7d, 30d, month]
  stale_after: 5m
state:
  path: /var/lib/vobiz-exporter/state.db
alerts: {spike_ratio: 3.5}
collect: []
"""
_SEEDS = (
    _WHOLE,
    b"partners: [{auth_id: PA_1, auth_token: 'x$$y'}]\n",
    b"partners: [{auth_id: PA_1, auth_token:" + TOKEN.encode() + b"}]\n",
    b"partners: &a [*a]\napi: !!str {timeout: 1}\n",
    b"%YAML 1.1\n---\npartners:\n- auth_id: 'a'\n  auth_token: \"\\u0041\"\n- ? [a]\n  : b\n",
    b"partners: |\n  text\npoll: >-\n  folded\n",
    b'"\\ud800": {"' + TOKEN.encode() + b'": 1}\n',
    b"api: {base_url: 'http://[::1]:80/', timeout: 1h30m, allow_http: yes}\n",
)
_WORDS = (
    *(key.name.encode() for key in all_keys(Config)),
    *(period.encode() for period in PERIODS),
    *(f"${{{name}}}".encode() for name in ("TOKEN", "SECRET_FILE", "NO_SUCH", TOKEN)),
    TOKEN.encode(),
    *split(
        b"- |: |, |? |*a|&a |!!int |!!str |%TAG ! x|---\n|...\n|[|]|{|}|'|\"|\\x|\\u|\\U|#|$$|MA_",
        b"http://|.inf|0x|\t",
    ),
)


def target(directory: Path) -> Target:
    """The target; it writes one file again and again."""
    (directory / "secret").write_text(IN_FILE, encoding="utf-8")
    return Target(
        holds="Config within its ranges, or ConfigError that says where, in lines without a secret",
        check=partial(_check, directory / "config.yaml", {"TOKEN": TOKEN, "SECRET_FILE": str(directory / "secret")}),
        seeds=_SEEDS,
        words=_WORDS,
        max_length=1024,
    )


def _check(file: Path, environ: dict[str, str], data: bytes) -> None:
    file.write_bytes(data)
    try:
        config = load_config(file, environ=environ)
    except ConfigError as error:
        _check_problems(error, str(file))
    else:
        _check_config(config)


def _check_problems(error: ConfigError, file: str) -> None:
    text = str(error)
    assert TOKEN not in text, "the token is shown"
    assert IN_FILE not in text, "the secret in the file is shown"
    assert error.problems
    assert text.split("\n") == [str(problem) for problem in error.problems], "a problem is not one line"
    for problem in error.problems:
        assert problem.file == file
        assert problem.reason
        assert problem.remedy
        assert str(problem).isprintable(), "a control character reaches the terminal"
        assert problem.line or problem.path or problem.reason.startswith(_NO_PLACE), "a problem without a place"


def _check_config(config: Config) -> None:
    names = [partner.name for partner in config.partners]
    assert names
    assert len(set(names)) == len(names)
    assert all(name.isprintable() for name in names)
    for partner in config.partners:
        token = partner.auth_token.current().reveal()
        assert token.isascii()
        assert len(token) < 8 or token not in partner.name + partner.auth_id.current()
        assert len(token) < 8 or token not in repr(partner.auth_token)
        assert all(isfinite(value) for value in partner.alerts.exported().values())
    assert 1 <= config.poll.interval <= config.poll.slow_interval <= 86_400
    assert config.poll.interval < config.poll.stale_after <= 365 * 86_400
    assert 0 < config.api.timeout <= 300
    assert config.api.base_url.startswith(("http://", "https://")) or config.api.base_url[:5].lower() == "http:"
