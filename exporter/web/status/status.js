// Renews the page in place: open details, focus, selection and scroll positions stay as they are.
const PERIOD = 15000;

function openStates() {
  return new Map([...document.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
}

function focusPath() {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  if (focused.id) return `#${CSS.escape(focused.id)}`;
  const parent = focused.closest("[id]");
  const same = parent ? [...parent.querySelectorAll(focused.tagName)] : [];
  return parent ? { parent: parent.id, tag: focused.tagName, index: same.indexOf(focused) } : null;
}

function restoreFocus(path) {
  if (path === null) return;
  const target = typeof path === "string"
    ? document.querySelector(path)
    : document.getElementById(path.parent)?.querySelectorAll(path.tag)[path.index];
  target?.focus({ preventScroll: true });
}

function replaceContent(fresh) {
  const open = openStates();
  const focus = focusPath();
  const [x, y] = [window.scrollX, window.scrollY];
  const scrolled = new Map([...document.querySelectorAll(".scroll[id]")].map((one) => [one.id, one.scrollLeft]));
  document.title = fresh.title;
  document.querySelector("link[rel=icon]").href = fresh.querySelector("link[rel=icon]").href;
  for (const tag of ["header", "main"]) {
    document.querySelector(tag).replaceWith(document.adoptNode(fresh.querySelector(tag)));
  }
  for (const [id, state] of open) {
    const details = document.getElementById(id);
    if (details) details.open = state;
  }
  for (const [id, left] of scrolled) {
    const region = document.getElementById(id);
    if (region) region.scrollLeft = left;
  }
  restoreFocus(focus);
  window.scrollTo(x, y);
}

function showStale() {
  const header = document.querySelector("header");
  header.className = "unknown";
  document.getElementById("stale").textContent = "The exporter does not answer: what you see is old. ";
  if (!document.title.startsWith("OLD")) document.title = `OLD - ${document.title}`;
}

async function renew() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PERIOD) });
    if (!answer.ok) throw new Error(answer.status);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (window.getSelection().isCollapsed) replaceContent(fresh);
  } catch {
    showStale();
  }
}

setInterval(renew, PERIOD);
document.addEventListener("visibilitychange", renew);
