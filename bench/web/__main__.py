"""Prints three tables: what a scrape costs, how odd requests are handled, and who can hold the server up."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
from pathlib import Path

from bench.web import cost, hostile
from bench.web.children import install, python_child
from bench.web.conformance import compare

_GOOD_SECONDS = 1.0
_MAX_SECONDS = 10.0
_PAGE_BYTES = 9_000_000


def main() -> int:
    # The attackers' own files: well above what the attacked server may open.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        install()
        _print_costs(directory)
        reached = [compare(directory), _print_attacks(directory)]
        return 0 if all(reached) else 1


def _print_costs(directory: Path) -> None:
    print("Processor time of one scrape of a prepared page (OpenMetrics, gzip, kept connection)\n")
    print(
        "| series | kept bytes | and own metrics | prometheus_client | nginx, static file | to nginx | to the client |"
    )
    print("|---|---|---|---|---|---|---|")
    for series in cost.SERIES:
        row = cost.measure(series, directory)
        static = "not installed" if row.nginx is None else f"{row.nginx:.3f} ms"
        ratio = "-" if row.nginx is None else f"{row.own / row.nginx:.1f} times"
        print(
            f"| {series:,} | {row.own:.3f} ms | {row.exporter:.2f} ms | {row.prometheus_client:.2f} ms | {static} "
            f"| {ratio} | 1/{row.prometheus_client / row.own:.0f}, 1/{row.prometheus_client / row.exporter:.0f} |",
            flush=True,
        )


def _print_attacks(directory: Path) -> bool:
    page = directory / "large.gz"
    page.write_bytes(os.urandom(1 << 16) * (_PAGE_BYTES >> 16))
    configuration = _tls_configuration(directory)
    print("\nThe slowest of five fresh scrapes (of 9 MB) under attack, and the memory that the attack costs\n")
    print("| attack | plain | TLS |")
    print("|---|---|---|")
    passed = True
    for attack in hostile.ATTACKS:
        cells = []
        for arguments in ((), ("--web-config", str(configuration))):
            if attack.only_tls and not arguments:
                cells.append("-")
                continue
            with python_child("own", "--page", str(page), *arguments) as child:
                result = hostile.run(attack, child)
            took = result.slowest_scrape
            passed = passed and took is not None and took < _MAX_SECONDS
            cells.append(_verdict(took) + f", {result.memory_mib:+.0f} MiB")
        print(f"| {attack.name} | {cells[0]} | {cells[1]} |", flush=True)
    return passed


def _verdict(took: float | None) -> str:
    if took is None or took >= _MAX_SECONDS:
        return "FAIL"
    return f"{'pass' if took < _GOOD_SECONDS else 'slow'}, {took * 1000:.0f} ms"


def _tls_configuration(directory: Path) -> Path:
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 30 -keyout server.key -out server.crt"
    )
    subprocess.run(command.split(), cwd=directory, check=True, capture_output=True)
    file = directory / "web.yml"
    file.write_text("tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n", encoding="utf-8")
    return file


if __name__ == "__main__":
    raise SystemExit(main())
