"""The raw requests against three servers, and what each does otherwise than the RFCs want."""

from __future__ import annotations

import contextlib
import re
import socket
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from bench.web.children import Child, nginx_child, node_exporter_child, python_child
from bench.web.requests import CASES, Case, fulfils

_STATUS = re.compile(rb"HTTP/1\.[01] ([2-9][0-9]{2})\b")
_ANSWER_SECONDS = 5.0


def answers(child: Child, case: Case) -> list[int] | None:
    """The statuses that come back for a case, after which no more is sent; None if the server hangs."""
    with child.connect(timeout=_ANSWER_SECONDS) as sock:
        received = b""
        try:
            # A server that has seen enough may refuse to take the rest.
            with contextlib.suppress(ConnectionError):
                sock.sendall(case.data)
                sock.shutdown(socket.SHUT_WR)
            while data := sock.recv(1 << 16):
                received += data
        except ConnectionError:
            pass
        except TimeoutError:
            return None
        return [int(status) for status in _STATUS.findall(received)]


def compare(directory: Path) -> bool:
    """Prints the requests that a server handles otherwise; whether ours are as few as nginx's."""
    page = directory / "plain"
    page.write_bytes(b"vobiz_up 1\n")
    found: dict[str, Mapping[str, str]] = {}
    with python_child("own", "--page", str(page)) as own:
        found["own"] = _deviations(own)
    with nginx_child(page, directory) as nginx:
        if nginx is not None:
            found["nginx"] = _deviations(nginx)
    with node_exporter_child() as node_exporter:
        if node_exporter is not None:
            found["node_exporter"] = _deviations(node_exporter)
    print(f"\nOf {len(CASES)} raw requests, those that a server handles otherwise than RFC 9110 and 9112 want\n")
    print(f"| request | wanted | {' | '.join(found)} |")
    print("|---|---|" + "---|" * len(found))
    for case in CASES:
        cells = [deviations.get(case.name, "as wanted") for deviations in found.values()]
        if any(cell != "as wanted" for cell in cells):
            shown = case.name.replace("|", "\\|")
            print(f"| `{shown}` | {case.wants.value} | {' | '.join(cells)} |")
    totals = {name: len(deviations) for name, deviations in found.items()}
    print(f"| **otherwise** | | {' | '.join(map(str, totals.values()))} |", flush=True)
    return "nginx" not in totals or totals["own"] <= totals["nginx"]


def _deviations(child: Child) -> dict[str, str]:
    deviations = {}
    for case in CASES:
        statuses = answers(child, case)
        if statuses is None:
            deviations[case.name] = "hangs"
        elif not fulfils(case.wants, statuses):
            deviations[case.name] = ", ".join(map(str, statuses)) or "ended"
    return deviations


_twice = [name for name, number in Counter(case.name for case in CASES).items() if number > 1]
assert not _twice, _twice
