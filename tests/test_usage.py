"""Wrong usage of the command line: exit code 2, how to use it, and nothing repeated that may be a secret."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TypeAlias

import pytest

from exporter.cli import main
from exporter.commands.arguments import parse_arguments

Refused: TypeAlias = Callable[..., str]
"""What is printed when these arguments are refused, on either stream."""


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Refused:
    def refusal(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        return "".join(capsys.readouterr())

    return refusal


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such-flag",),
        ("run", "extra"),
        ("once", "--web.listen-address=:1"),
        ("assets", "--config.file=config.yaml"),
        ("--log.level=loud",),
        ("--web.telemetry-path=/-/healthy",),
        ("once", "--output="),
        ("assets", "--output="),
        ("backfill", "--from=2026-01-01", "--label=__name__=up"),
        ("backfill", "--from=yesterday"),
        ("backfill", "--to=2026-01-01"),
        ("backfill", "--from=2026-02-01", "--to=2026-01-01"),
        ("demo", "--demo.incident=earthquake"),
        ("--auth-token=secret",),
        ("--config.file=--",),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], refused: Refused) -> None:
    assert "usage: vobiz-exporter" in refused(*arguments)


def test_a_label_that_no_file_can_hold_is_wrong_usage(refused: Refused) -> None:
    assert "not a label" in refused("backfill", "--from=2026-01-01", "--label=job=\udcff")


@pytest.mark.parametrize("arguments", [("--auth-token=t0ken",), ("check", "--token", "t0ken"), ("run", "t0ken")])
def test_a_secret_on_the_command_line_is_not_repeated(arguments: tuple[str, ...], refused: Refused) -> None:
    said = refused(*arguments)
    assert "unknown arguments: " in said
    assert "t0ken" not in said


@pytest.mark.parametrize("arguments", [("chekc",), ("--log.level=debug", "chekc"), ("--log.level", "debug", "chekc")])
def test_a_mistyped_command_is_answered_with_the_nearest_one(arguments: tuple[str, ...], refused: Refused) -> None:
    said = refused(*arguments)
    assert "unknown command 'chekc', did you mean check?" in said
    assert "a configuration file goes with --config.file=FILE" in said


def test_a_word_that_is_no_command_is_not_repeated(refused: Refused) -> None:
    said = refused("s3cret/config.yaml")
    assert "unknown command; commands are run, demo, once, check, replay, backfill, assets;" in said
    assert "s3cret" not in said


@pytest.mark.process
def test_usage_waits_for_no_module_that_only_a_command_needs() -> None:
    loaded = "import sys, exporter.cli; print(*sys.modules, sep='\\n')"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert not {"prometheus_client", "requests", "apscheduler", "exporter.daemon", "exporter.api"} & set(modules)


def test_a_flags_value_is_not_the_command_even_if_it_is_spelled_as_one() -> None:
    args = parse_arguments(["--partner", "demo", "replay", "--prometheus.url", "run", "--from=2026-01-01"])
    assert (args.command, args.partner, args.prometheus_url) == ("replay", "demo", "run")
    assert parse_arguments(["--config.file", "check"]).command == "run"
    assert parse_arguments(["--web.enable-lifecycle", "check"]).command == "check"
