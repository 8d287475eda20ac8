"""``python -m exporter.simulator``: usage, exit codes, and its life as a process."""

from __future__ import annotations

import argparse
import re
import socket

import pytest

from exporter.simulator import DemoServer, DemoSettings, add_demo_arguments, parse_incident, settings_from
from exporter.simulator.__main__ import main
from tests.rig.fetch import fetch
from tests.rig.process import Process, module
from tests.rig.simulated import SimulatedVobiz
from tests.rig.waiting import PATIENCE


def parse(*argv: str) -> DemoSettings:
    parser = argparse.ArgumentParser()
    add_demo_arguments(parser)
    return settings_from(parser.parse_args(argv))


def test_every_flag_reaches_the_settings() -> None:
    assert parse() == DemoSettings()
    flags = "--demo.listen-address=[::1]:81 --demo.seed=4 --demo.speed=60 --demo.volume=20 --demo.partners=3"
    assert parse(*flags.split(), "--demo.midnight-in=2m", "--demo.incident=outage", "--demo.incident=fraud@1m") == (
        DemoSettings(
            host="::1",
            port=81,
            seed=4,
            speed=60,
            volume=20,
            partners=3,
            midnight_in=120,
            incidents=(parse_incident("outage"), parse_incident("fraud@1m")),
        )
    )


@pytest.mark.parametrize(
    ("flag", "reason"),
    [
        ("--demo.listen-address=8080", "HOST:PORT"),
        ("--demo.listen-address=127.0.0.1:99999", "HOST:PORT"),
        ("--demo.listen-address=127.0.0.1:00000099999", "HOST:PORT"),
        ("--demo.listen-address=" + "a" * 64 + ":80", "HOST:PORT"),
        ("--demo.speed=0", "not a number from"),
        ("--demo.speed=nan", "not a number from"),
        ("--demo.volume=-1", "not a number from"),
        ("--demo.partners=1.5", "whole number"),
        ("--demo.midnight-in=2d", "within a day"),
        ("--demo.incident=outrage", "KIND 'outrage'"),
    ],
)
def test_a_wrong_flag_is_wrong_usage_and_says_what_would_do(
    flag: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([flag])
    assert caught.value.code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.process
def test_an_address_in_use_is_reported_in_one_line_with_exit_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with Process(module("exporter.simulator", f"--demo.listen-address={address}")) as process:
            assert process.wait() == 1
    assert re.fullmatch(r"cannot listen on 127\.0\.0\.1 port \d+: Address already in use\n", process.output)


@pytest.mark.process
def test_it_prints_where_it_listens_answers_there_and_ends_cleanly_on_sigterm() -> None:
    with SimulatedVobiz() as vobiz:
        [(auth_id, token)] = vobiz.partners
        assert fetch(f"{vobiz.url}/dashboard", headers={"X-Auth-ID": auth_id, "X-Auth-Token": token})
        assert vobiz.stop() == 0


def test_closing_twice_is_harmless_and_frees_the_port() -> None:
    server = DemoServer(DemoSettings()).start()
    port = int(re.findall(r":(\d+)/", server.url)[0])
    server.close()
    server.close()
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_an_idle_connection_does_not_hold_up_closing() -> None:
    server = DemoServer(DemoSettings()).start()
    port = int(re.findall(r":(\d+)/", server.url)[0])
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as idle:
        idle.sendall(b"GET /x HTTP/1.1\r\n\r\n")
        answer = b""
        while not answer.endswith(b"}"):
            answer += idle.recv(4_096)
        server.close()
        assert idle.recv(1) == b""


def test_the_incident_of_the_example_lasts_ten_real_minutes_at_any_speed() -> None:
    for speed, lasting in ((1, "10m"), (60, "10h"), (3600, "25d")):
        with DemoServer(DemoSettings(speed=speed)).start() as server:
            assert f'"duration": "{lasting}"' in server.describe()
