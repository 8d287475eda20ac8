"""``make preview``: pictures of the dashboards, calm and during an incident, in ``docs/images/``.

A written past of partners is put into a Prometheus; the rules that ship are evaluated over it; a page of Grafana's own
components draws the dashboards from it in a headless Chromium. Takes some minutes.
"""

from __future__ import annotations

import argparse
import functools
import http
import http.server
import itertools
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image

from bench.rules.history import Drop, History
from bench.rules.values import DAY, HOUR
from grafana.preview.prometheus import running
from grafana.preview.recorded import record_past

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
UNTIL = datetime(2026, 11, 18, 10, 40, tzinfo=timezone.utc).timestamp()
"""A busy Wednesday morning. The same moment each time: the simulated world is then the same, too."""

STEP = 60
"""Seconds between scrapes; src/prometheus.js has the same number."""
INCIDENT = 18 * 60.0
"""How long the answer rate has been low when the picture of the incident is taken."""

PARTNERS = ("acme", "globex")
"""The first is all right; ``--partners=50`` adds more of them."""
WIDTH = 1600
HEIGHTS = {"vobiz-overview": 1420, "vobiz-traffic": 1572, "vobiz-health": 1990, "vobiz-finance": 1345}
"""Pixels. What is further down are rows that are closed at first."""
OPENED = 4392
"""Pixels of the traffic dashboard with its rows opened."""
SINCE = "now-3h"
"""How far the pictures look back: less than the dashboards do by themselves, so that an incident of minutes is seen."""

THEMES = ("dark", "light")
PATIENCE = 60.0
"""Seconds that one dashboard may take to draw."""

TOOLS = ("prometheus", "promtool", "chromium", "npx")


def main(argv: Sequence[str]) -> int:
    """Draw the pictures; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m grafana.preview", description="Draw the dashboards.")
    parser.add_argument("--keep", metavar="DIRECTORY", type=Path, help="keep the past here, and use it if it is there")
    parser.add_argument("--partners", type=int, default=len(PARTNERS), help="how many partners there are (2)")
    parser.add_argument("--only", metavar="DASHBOARD", choices=HEIGHTS, help="draw this one alone")
    arguments = parser.parse_args(argv)
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print(f"make preview needs {', '.join(missing)} on PATH", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        directory = arguments.keep or Path(temporary)
        _past(directory, arguments.partners)
        with running(directory) as prometheus, _page() as page:
            pictures = [
                one for one in _pictures(arguments.partners) if arguments.only in (None, one.wanted["dashboard"])
            ]
            for picture, theme in itertools.product(pictures, THEMES):
                address = f"{page}/?{urlencode({**picture.wanted, 'prometheus': prometheus.url, 'theme': theme})}"
                _draw(IMAGES / f"preview-{picture.name}-{theme}.png", address, picture.height)
    return 0


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture without its theme; ``wanted`` is what the page is asked for."""

    name: str
    height: int
    wanted: dict[str, str]


def _pictures(partners: int) -> Iterator[_Picture]:
    """What there is to draw. A drop of the answer rate does not show in the health and finance dashboards."""
    suffix = "" if partners <= len(PARTNERS) else f"-{partners}"
    calm, incident = f"{UNTIL - INCIDENT - 10 * 60:.0f}", f"{UNTIL:.0f}"
    for board, height in HEIGHTS.items():
        name = board.removeprefix("vobiz-")
        wanted = {"dashboard": board} if board == "vobiz-finance" else {"dashboard": board, "from": SINCE}
        yield _Picture(f"{name}-calm{suffix}", height, {**wanted, "at": calm})
        if board in ("vobiz-overview", "vobiz-traffic"):
            yield _Picture(f"{name}-incident{suffix}", height, {**wanted, "at": incident})
        if board == "vobiz-traffic" and not suffix:
            yield _Picture(f"{name}-partner", OPENED, {**wanted, "at": incident, "partner": PARTNERS[1]})


def _past(directory: Path, partners: int) -> None:
    """Make the past in ``directory/data``, unless it is there."""
    done = directory / "done"
    if done.exists():
        return
    (directory / "recorded").mkdir(parents=True)
    names = (*PARTNERS, *(f"partner-{number:02}" for number in range(3, partners + 1)))
    drop = Drop(partner=PARTNERS[1], begin=UNTIL - INCIDENT)
    # the same hour last week is shown where there are few partners
    days = 7 * DAY + 4 * HOUR if partners <= len(PARTNERS) else DAY + 4 * HOUR
    # whole days need no sample a minute
    month = History(partners=names, end=UNTIL - days, step=1800, recent=0, days=30 * DAY)
    past = History(partners=names, end=UNTIL, step=STEP, recent=4 * HOUR, days=days, drop=drop)
    samples = sum(one.write(directory, directory / "data") for one in (month, past))
    print(f"{samples:,} samples; evaluating the rules", flush=True)
    record_past(
        rules=ROOT / "prometheus" / "rules",
        directory=directory,
        start=UNTIL - 4 * HOUR,
        end=UNTIL,
    )
    done.touch()


@contextmanager
def _page() -> Iterator[str]:
    """The built page and the dashboards on a loopback port; the address."""
    built = ROOT / "grafana" / "preview" / "dist"
    shutil.copytree(ROOT / "grafana" / "dashboards", built / "dashboards", dirs_exist_ok=True)
    handler = functools.partial(_Handler, directory=str(built))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files; and /drawn, which the page holds as an image and which is answered after it has asked for /ready.

    Chromium takes its picture once everything is loaded, and that is the last thing.
    """

    drawn = threading.Event()

    def do_GET(self) -> None:
        if self.path not in ("/drawn", "/ready"):
            super().do_GET()
            return
        if self.path == "/ready":
            self.drawn.set()
        else:
            self.drawn.wait(PATIENCE)
            self.drawn.clear()
        self.send_response(http.HTTPStatus.NO_CONTENT)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing of each request."""


def _draw(path: Path, address: str, height: int) -> None:
    command = [
        *("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--lang=en-GB"),
        *("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *(f"--window-size={WIDTH},{height}", f"--screenshot={path}", address),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    if done.returncode or not path.exists():
        raise RuntimeError(f"chromium failed: {done.stderr.strip()[-2000:]}")
    with Image.open(path) as picture:
        # a palette: a third of the size, and no difference to be seen
        small = picture.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KiB", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
