"""`python -m bench.detection.compiled --keep=/FOLDER ...`: measure with the shipped detector compiled by mypyc.

The same sources, five times as fast. Nothing is measured unless the scores of some lanes are the same to the last bit.
The tables are made by `python -m bench.detection --keep=/FOLDER`, which takes what was measured from there.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "detection"
NOT_COMPILED = ("detector.py", "spike.py")
"""Not translated by mypyc as Python means it: neither judges an answer rate."""
LANES = ((7001, 100.0, 0.6, "base"), (7003, 10000.0, 0.85, "stress"), (7001, 500.0, 0.4, "product"))


def compile_detector() -> None:
    """Copy the packages to BUILD, and compile the detector there: native classes have slots anyway."""
    shutil.rmtree(BUILD, ignore_errors=True)
    for package in ("exporter", "bench"):
        shutil.copytree(ROOT / package, BUILD / package, ignore=shutil.ignore_patterns("__pycache__"))
    sources = [BUILD / "bench/detection/feed.py", *(BUILD / "exporter/detect").glob("[!_]*.py")]
    for source in sources:
        source.write_text(re.sub(r"\(slots=True\)|slots=True, ", "", source.read_text(encoding="utf-8")))
    sources = [source for source in sources if source.name not in NOT_COMPILED]
    mypyc = [sys.executable, "-m", "mypyc", *(str(source.relative_to(BUILD)) for source in sources)]
    subprocess.run(mypyc, cwd=BUILD, check=True, capture_output=True)


def fingerprint() -> str:
    """A digest of the scores of some lanes, to the last bit."""
    from bench.detection.rules import scores
    from bench.detection.worlds import simulate_lane

    digest = hashlib.sha256()
    for seed, volume, usual, world in LANES:
        digest.update(scores(simulate_lane(seed, volume, usual, world), world).tobytes())
    return digest.hexdigest()


def main() -> int:
    """Compile, compare, measure."""
    if sys.argv[1:] == ["--fingerprint"]:
        print(fingerprint())
        return 0
    compile_detector()
    same = [sys.executable, "-m", "bench.detection.compiled", "--fingerprint"]
    found = {subprocess.run(same, cwd=where, check=True, capture_output=True).stdout for where in (ROOT, BUILD)}
    if len(found) > 1:
        print("the compiled detector scores otherwise than the shipped one", file=sys.stderr)
        return 1
    return subprocess.run([sys.executable, "-m", "bench.detection", *sys.argv[1:]], cwd=BUILD, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
