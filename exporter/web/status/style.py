"""The one style sheet of the status page, and the security policy that allows it and nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "page": "#f6f8fa",
    "card": "#ffffff",
    "text": "#1f2328",
    "muted": "#57606a",
    "line": "#d0d7de",
    "link": "#0550ae",
    "ok": "#116329",
    "ok-card": "#dafbe1",
    "warning": "#6a4600",
    "warning-card": "#fff1b8",
    "problem": "#a40e26",
    "problem-card": "#ffe2df",
    "unknown": "#4c545d",
    "unknown-card": "#e4e9ee",
    "inbound": "#0550ae",
    "outbound": "#b04400",
}
DARK: Mapping[str, str] = {
    "page": "#0d1117",
    "card": "#161b22",
    "text": "#e6edf3",
    "muted": "#a3adb8",
    "line": "#3d444d",
    "link": "#79c0ff",
    "ok": "#7ee787",
    "ok-card": "#10331c",
    "warning": "#f2cc60",
    "warning-card": "#3b2e00",
    "problem": "#ffb1a8",
    "problem-card": "#5a1218",
    "unknown": "#c3ccd5",
    "unknown-card": "#2b323b",
    "inbound": "#79c0ff",
    "outbound": "#ffa657",
}
"""Colours by role. Text of a state stands on the card of that state."""

_RULES = """
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.45 system-ui,sans-serif}
main,header>div,footer{max-width:68rem;margin:0 auto;padding:0 1rem}
a{color:var(--link)}
h1{margin:0;font-size:1.75rem;line-height:1.2}
h3{margin:1rem 0 0;font-size:1rem}
h2{margin:0;font-size:1.25rem;overflow-wrap:anywhere}
p{margin:.25rem 0}
header{padding:1.25rem 0;border-bottom:1px solid var(--line)}
section{margin:1rem 0;padding:.75rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem}
section.problem{border-left:.4rem solid var(--problem)}
section.warning{border-left:.4rem solid var(--warning)}
.head{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center}
.head p{margin:0}
.badge{display:inline-block;padding:.1rem .6rem;border-radius:1rem;font-size:.875rem;font-weight:700;white-space:nowrap}
.ok{--tone:var(--ok);--tone-card:var(--ok-card)}
.warning{--tone:var(--warning);--tone-card:var(--warning-card)}
.problem{--tone:var(--problem);--tone-card:var(--problem-card)}
.unknown{--tone:var(--unknown);--tone-card:var(--unknown-card)}
header,.badge,.finding,td strong{background:var(--tone-card);color:var(--tone)}
header a{color:inherit}
.past{margin:.25rem 0 0;padding-left:1.25rem}
.findings{margin:.75rem 0 0;padding:0;list-style:none}
.finding{margin:.5rem 0;padding:.5rem .75rem;border-radius:.375rem;overflow-wrap:anywhere}
.finding a{color:inherit}
.finding b{display:block}
.tiles{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:.75rem 1rem;margin:1rem 0}
.tiles dt{color:var(--muted);font-size:.875rem}
.tiles dd{margin:0}
.tiles dd:first-of-type{font-size:1.125rem;font-weight:600;overflow-wrap:anywhere}
.tiles .note,.note{color:var(--muted);font-size:.875rem}
@media(min-width:40rem){
.tiles{grid-template-columns:repeat(3,minmax(0,1fr))}
.tiles dd:first-of-type{font-size:1.25rem}
section{padding:1rem}
}
.pair{display:grid;gap:1rem 2rem;grid-template-columns:minmax(0,1fr)}
@media(min-width:52rem){.pair{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{padding:.25rem 0;text-align:left;font-weight:600}
th,td{padding:.3rem .5rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th:first-child{padding-left:0;text-align:left;overflow-wrap:anywhere}
thead th{color:var(--muted);font-size:.875rem;font-weight:600}
tbody th{font-weight:400}
td strong{display:inline-block;padding:0 .4rem;border-radius:.25rem}
.scroll{overflow-x:auto}
.scroll th:first-child{min-width:8rem}
.scroll td,.scroll thead th{white-space:nowrap}
.scroll th:nth-child(2),.scroll td:nth-child(2){text-align:left}
.scroll .badge{font-size:.8125rem}
figure{margin:0}
svg{display:block;width:100%;height:auto;max-width:34rem;font:11.5px system-ui,sans-serif}
svg text{fill:var(--muted)}
svg .heading{fill:var(--text);font-weight:600;font-size:12.5px}
svg .grid{stroke:var(--line)}
svg polyline{fill:none;stroke-width:2;stroke-linejoin:round}
polyline.inbound{stroke:var(--inbound)}
polyline.outbound{stroke:var(--outbound);stroke-dasharray:5 2}
.bar.inbound,circle.inbound,svg .label.inbound{fill:var(--inbound)}
.bar.outbound,circle.outbound,svg .label.outbound{fill:var(--outbound)}
.bar.today{opacity:.6}
svg g path{fill:var(--text);opacity:0}
svg g path:hover{opacity:.12}
summary{padding:.25rem 0;color:var(--link);cursor:pointer}
footer{padding-top:.5rem;padding-bottom:2rem}
footer ul{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;margin:0;padding:0;list-style:none}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
"""


def _variables(palette: Mapping[str, str]) -> str:
    return ":root{" + "".join(f"--{role}:{colour};" for role, colour in palette.items()) + "}"


_DARK_VARIABLES = f"@media(prefers-color-scheme:dark){{{_variables(DARK)}}}"

STYLE = f":root{{color-scheme:light dark}}{_variables(LIGHT)}{_DARK_VARIABLES}{_RULES}"
"""The text of the ``<style>`` element, exactly as it stands on the page."""

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy header. Images are the icon in the browser's tab, which is part of the page."""
