// What the tabs of a connector do beyond plain links and forms: no number stays under dates it is not of, a section is
// sorted in place, realtime reads itself again, a chart says the day under the pointer. Without it everything works.
"use strict";
(() => {
  const report = document.querySelector(".report");
  const results = document.getElementById("results");
  if (!report || !results) return;
  const status = report.querySelector("[data-status]");
  const skeleton = report.querySelector("[data-skeleton]");

  // a read that was asked for by pressing Refresh is not asked for again by reloading
  const address = new URL(location.href);
  if (address.searchParams.has("refresh")) {
    address.searchParams.delete("refresh");
    history.replaceState(null, "", address);
  }

  const current = report.querySelector(".tabs [aria-current]");
  if (current) {
    const strip = current.closest("ul");
    strip.scrollLeft = current.offsetLeft - strip.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
  }

  // leaving for other figures: the old ones go at once
  const leave = () => {
    report.classList.add("loading");
    if (skeleton) skeleton.hidden = false;
    status.textContent = status.dataset.loading;
  };
  const stay = () => {
    report.classList.remove("loading");
    if (skeleton) skeleton.hidden = true;
    status.textContent = "";
  };
  addEventListener("pageshow", (event) => { if (event.persisted) stay(); });
  const plain = (event) => event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

  // the dates: what is chosen but not shown yet is said
  const dates = report.querySelector("[data-dates]");
  const stale = report.querySelector("[data-stale]");
  if (dates) {
    const read = () => new URLSearchParams([...new FormData(dates)].filter(([name]) =>
      dates.range.value === "custom" || (name !== "from" && name !== "to"))).toString();
    const shown = read();
    const compare = () => {
      const other = read() !== shown;
      report.classList.toggle("dirty", other);
      stale.hidden = !other;
    };
    dates.addEventListener("change", compare);
    dates.addEventListener("input", compare);
    dates.addEventListener("submit", leave);
    addEventListener("pageshow", (event) => { if (event.persisted) { dates.reset(); compare(); } });
  }

  // one section again: sorted, all of its rows, another metric
  const swap = async (link) => {
    const id = link.dataset.swap, old = document.getElementById(id);
    const sorted = [...old.querySelectorAll("a[data-swap]")].indexOf(link);
    const scroll = old.querySelector(".scroll")?.scrollLeft ?? 0;
    old.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(id);
      // figures of another read must not stand beside these
      if (!answer.ok || !fresh || page.getElementById("results").dataset.asOf !== results.dataset.asOf) throw 0;
      old.replaceWith(fresh);
      history.replaceState(null, "", link.href.split("#")[0]);
      const box = fresh.querySelector(".scroll");
      if (box) box.scrollLeft = scroll;
      (fresh.querySelectorAll("a[data-swap]")[sorted] ?? fresh).focus({ preventScroll: true });
      draw(fresh);
      relink(page);
    } catch {
      leave();
      location.assign(link.href);
    }
  };
  // the other sections' links carry what this one shows now
  const relink = (page) => {
    for (const other of page.querySelectorAll(".panel")) {
      const here = document.getElementById(other.id);
      if (!here) continue;
      const theirs = other.querySelectorAll("a[href]"), ours = here.querySelectorAll("a[href]");
      if (theirs.length === ours.length) ours.forEach((link, n) => { link.href = theirs[n].getAttribute("href"); });
    }
  };
  report.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || !plain(event)) return;
    if (link.dataset.swap) {
      event.preventDefault();
      swap(link);
    } else if ("leave" in link.dataset) leave();
  });

  // realtime, politely: once a minute, not while nobody looks, and not after Pause
  const live = report.querySelector("[data-live]");
  if (live) {
    const pause = live.querySelector("[data-pause]");
    const words = [pause.textContent, pause.dataset.resume];
    let paused = false, busy = false;
    pause.hidden = false;
    pause.addEventListener("click", () => {
      paused = !paused;
      pause.textContent = words[Number(paused)];
      if (!paused) again();
    });
    const again = async () => {
      if (paused || busy || document.hidden || results.contains(document.activeElement)) return;
      busy = true;
      try {
        const answer = await fetch(live.dataset.live, { headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("results");
        if (!fresh) throw 0;
        results.replaceChildren(...fresh.childNodes);
        results.dataset.asOf = fresh.dataset.asOf ?? "";
        results.querySelectorAll(".panel").forEach(draw);
      } catch { /* the next minute tries again; what is shown says when it was read */ }
      busy = false;
    };
    setInterval(again, Number(live.dataset.every) * 1000);
    document.addEventListener("visibilitychange", again);
  }

  // a chart says the day under the pointer, or the one chosen with the arrow keys
  const draw = (within) => {
    for (const figure of within.querySelectorAll("[data-line]")) {
      const days = [...figure.querySelectorAll(".day")], readout = figure.querySelector("[data-readout]");
      let at = -1;
      const choose = (n) => {
        days[at]?.classList.remove("chosen");
        at = n;
        days[at]?.classList.add("chosen");
        readout.textContent = days[at]?.querySelector("title").textContent ?? "";
      };
      figure.tabIndex = 0;
      figure.setAttribute("role", "group");
      figure.setAttribute("aria-labelledby", figure.querySelector("svg > title").id);
      readout.setAttribute("aria-live", "polite");
      days.forEach((day, n) => day.addEventListener("pointerenter", () => choose(n)));
      figure.querySelector("svg").addEventListener("pointerleave", () => choose(-1));
      figure.addEventListener("blur", () => choose(-1));
      figure.addEventListener("keydown", (event) => {
        const to = { ArrowLeft: Math.max(0, at - 1), ArrowRight: Math.min(days.length - 1, at + 1), Home: 0, End: days.length - 1 };
        if (!(event.key in to)) return;
        event.preventDefault();
        choose(to[event.key]);
      });
    }
  };
  draw(report);
})();
