"""What is audited: every runtime dependency, and none at a version that is known to be vulnerable."""

from __future__ import annotations

from tests.audit import installed, lowest

FIRST_GOOD = {
    "urllib3": (2, 7),  # CVE-2025-66418, CVE-2025-66471, CVE-2026-21441, CVE-2026-44431, CVE-2026-44432
    "requests": (2, 33),  # CVE-2024-47081, CVE-2026-25645
    "certifi": (2024, 7, 4),  # CVE-2024-39689
    "idna": (3, 15),  # CVE-2024-3651, CVE-2026-45409
}
"""The first versions without known vulnerabilities, of those that had some."""


def versions(requirements: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    pairs = (requirement.split("==") for requirement in requirements)
    return {name: tuple(int(part) for part in version.split(".")[:3] if part.isdigit()) for name, version in pairs}


def test_no_version_with_a_known_vulnerability_can_be_installed() -> None:
    allowed = versions(lowest())
    assert not {name: allowed[name] for name, first in FIRST_GOOD.items() if allowed[name] < first}


def test_all_that_is_installed_with_the_exporter_is_audited() -> None:
    here = versions(installed())
    assert set(versions(lowest())) <= set(here)
    assert "charset-normalizer" in here
    assert "pytest" not in here
