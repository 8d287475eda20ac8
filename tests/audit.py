"""``python -m tests.audit``: known vulnerabilities of the runtime dependencies.

Twice: as they are installed here, with all that they bring along, and at the lowest versions that setup.cfg allows,
which somebody's environment may hold. What could not be looked up counts as a failure: an audit that saw nothing has
found nothing.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from importlib.metadata import requires, version

PROJECT = "vobiz-exporter"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LOWEST = re.compile(r">=([0-9][0-9A-Za-z.]*)")


def dependencies(project: str) -> tuple[str, ...]:
    """What a distribution needs at runtime, each with its versions."""
    return tuple(line for line in requires(project) or () if "extra ==" not in line)


def lowest() -> tuple[str, ...]:
    """The dependencies of the exporter, each at the lowest version that is allowed."""
    return tuple(f"{_name(line)}=={_lowest(line)}" for line in dependencies(PROJECT))


def installed() -> tuple[str, ...]:
    """All that is installed because of the exporter, as it is."""
    found: dict[str, str] = {}
    waiting = [PROJECT]
    while waiting:
        for name in map(_name, dependencies(waiting.pop())):
            if name not in found and _is_here(name):
                found[name] = version(name)
                waiting.append(name)
    return tuple(f"{name}=={found[name]}" for name in sorted(found))


def _name(requirement: str) -> str:
    match = _NAME.match(requirement)
    assert match is not None, requirement
    return re.sub("[-_.]+", "-", match[0]).lower()


def _lowest(requirement: str) -> str:
    match = _LOWEST.search(requirement)
    assert match is not None, f"{requirement} has no lowest version"
    return match[1]


def _is_here(name: str) -> bool:
    """What is needed on other systems alone is not."""
    try:
        version(name)
    except ModuleNotFoundError:
        return False
    return True


def main() -> int:
    """Audit both sets; 0 if nothing is known against them."""
    failed = 0
    for title, requirements in (("as installed", installed()), ("lowest allowed", lowest())):
        print(f"{title}: {' '.join(requirements)}", flush=True)
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("\n".join(requirements))
            file.flush()
            audit = [sys.executable, "-m", "pip_audit", "--strict", "--no-deps", "--disable-pip", "-r", file.name]
            failed += subprocess.run(audit, check=False).returncode != 0
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
