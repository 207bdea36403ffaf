// Fetches the page anew every few seconds, while it is looked at, and puts in the parts that are marked data-live.
"use strict";

const everyMs = Number(document.body.dataset.every) * 1000;
const here = new URL(location.pathname + location.search, location.origin); // without a password that was typed into it

async function refresh() {
  const answer = await fetch(here, { cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    const inUse = part.matches(":active") || part.querySelector(":focus-visible"); // a click or a key is on its way
    if (!next || inUse || next.innerHTML === part.innerHTML) continue;
    part.className = next.className;
    part.replaceChildren(...next.childNodes);
  }
}

async function watch() {
  if (!document.hidden) {
    let failed = false;
    await refresh().catch(() => { failed = true; });
    document.getElementById("stale").hidden = !failed;
    document.body.dataset.refreshed = failed ? "" : new Date().toISOString();
  }
  setTimeout(watch, everyMs);
}

if (everyMs && document.getElementById("stale")) setTimeout(watch, everyMs);
