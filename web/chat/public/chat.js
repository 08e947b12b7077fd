// What Chainlit's page does not have: the client switcher, the welcome panel with its agents, suggestions above the composer,
// the address of a new conversation, names beside avatars, and one live region. Data comes from the server only.
(() => {
  "use strict";
  const boot = JSON.parse(document.getElementById("camarad-boot").textContent);
  const { words } = boot;
  const state = { items: [], facts: null, agent: "personal-assistant", busy: false };

  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "text") node.textContent = value;
      else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== "" && value !== null && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children.filter(Boolean));
    return node;
  };

  const live = make("div", { id: "camarad-live", role: "status", "aria-live": "polite", class: "cam-sr" });

  // Chainlit asks for a cookie before each socket, and on a stored conversation opens two sockets: one before it has read the
  // address, one after. Whichever cookie came last won, and now and then the page stayed empty. Answered here, they keep their order.
  const fetched = window.fetch;
  window.fetch = (asked, ...more) => String(asked?.url ?? asked).endsWith("/set-session-cookie")
    ? Promise.resolve(Response.json({})) : fetched.call(window, asked, ...more);

  // asking

  const ask = (text) => {
    const input = document.getElementById("chat-input");
    if (!input || state.busy) return;
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    let tries = 0;
    const press = () => {
      const button = document.getElementById("chat-submit");
      if (button && !button.disabled) button.click();
      else if (++tries < 60) setTimeout(press, 30);
    };
    setTimeout(press, 0);
  };

  // A message that cannot be taken stays in the composer: the server would refuse it, and cut the socket over a very long one.
  const tooLong = (text) => text.length > boot.mostChars && [...text].length > boot.mostChars;
  const refuseTooLong = (event) => {
    const input = document.getElementById("chat-input");
    const sends = event.type === "click" ? event.target.closest?.("#chat-submit")
      : event.target === input && event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (!sends || !input || !tooLong(input.value)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const number = (value) => value.toLocaleString(boot.language === "ro" ? "ro-RO" : "en-GB");
    const said = words.too_long.replace("{count}", number([...input.value].length)).replace("{limit}", number(boot.mostChars));
    document.getElementById("camarad-too-long")?.remove();
    document.getElementById("message-composer").before(
      make("p", { id: "camarad-too-long", class: "cam-problem", role: "alert", "data-testid": "camarad-problem", text: said }),
    );
  };
  addEventListener("click", refuseTooLong, true);
  addEventListener("keydown", refuseTooLong, true);
  addEventListener("input", (event) => {
    if (event.target.id === "chat-input" && !tooLong(event.target.value)) document.getElementById("camarad-too-long")?.remove();
  }, true);

  const choose = (slug) => {
    state.agent = slug;
    window.postMessage({ camaradAgent: slug }, location.origin);
    document.querySelectorAll("#camarad-welcome [role=radio]").forEach((card) => {
      const chosen = card.dataset.slug === slug;
      card.setAttribute("aria-checked", String(chosen));
      card.tabIndex = chosen ? 0 : -1;
    });
  };

  // drawing

  const drawChips = () => {
    const composer = document.getElementById("message-composer");
    if (!composer) return;
    let bar = document.getElementById("camarad-chips");
    if (bar && bar.nextElementSibling !== composer) { bar.remove(); bar = null; }
    const key = JSON.stringify([state.items, state.busy]);
    if (bar && bar.dataset.key === key) return;
    if (!bar) {
      bar = make("div", { id: "camarad-chips", role: "group", "aria-label": words.suggestions });
      composer.before(bar);
    }
    bar.dataset.key = key;
    const shown = state.busy ? [] : state.items;
    bar.replaceChildren(...shown.map((item) => make("button", { type: "button", text: item.text, onclick: () => ask(item.text) })));
  };

  const connection = (c) => make(
    "li", { class: `cam-connection ${c.state}` },
    make("span", { class: "cam-dot", "aria-hidden": "true" }),
    make("span", {}, make("strong", { text: c.name }), make("span", { text: [c.account || c.stateText, c.source].filter(Boolean).join(" · ") })),
    c.action && make("a", { href: c.url, text: c.action, "aria-label": `${c.action} ${c.name}` }),
  );

  const card = (a, index, all) => make(
    "button",
    {
      type: "button", role: "radio", class: "cam-agent", "data-slug": a.slug, "aria-checked": String(a.slug === state.agent),
      tabindex: a.slug === state.agent ? "0" : "-1",
      onclick: () => choose(a.slug),
      onkeydown: (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const next = all[(index + step + all.length) % all.length].slug;
        choose(next);
        document.querySelector(`#camarad-welcome [data-slug="${next}"]`).focus();
      },
    },
    make("img", { src: a.avatar, alt: "", width: "40", height: "40" }),
    make("span", {}, make("strong", { text: a.name }), make("span", { class: "cam-summary", text: a.summary }), a.missing && make("em", { text: a.missing })),
  );

  const drawWelcome = () => {
    const screen = document.getElementById("welcome-screen");
    if (!screen || !state.facts || document.getElementById("camarad-welcome")) return;
    const { title, connections, agents } = state.facts;
    screen.prepend(make(
      "section", { id: "camarad-welcome", "aria-label": title },
      make("h1", { text: title }),
      make("ul", { class: "cam-connections" }, ...connections.map(connection)),
      make("div", { class: "cam-agents", role: "radiogroup", "aria-label": words.choose_agent }, ...agents.map(card)),
    ));
  };

  const drawHeader = () => {
    const header = document.getElementById("header");
    if (!header || document.getElementById("camarad-client")) return;
    const select = make("select", { id: "camarad-client", "aria-label": words.clients, onchange: (e) => { location.href = `/c/${encodeURIComponent(e.target.value)}/chat/`; } });
    select.append(...boot.clients.map((c) => new Option(c.name, c.id, false, c.id === boot.client)));
    const demo = boot.clients.some((c) => c.id === boot.client && c.demo);
    header.firstElementChild.append(make(
      "div", { class: "cam-switch" },
      make("a", { href: "/app", class: "cam-home", title: words.settings, "aria-label": words.settings }, make("img", { src: "/static/avatars/camarad.svg", alt: "", width: "26", height: "26" })),
      select,
      demo && make("span", { class: "cam-source demo", text: words.demo_data }),
    ));
  };

  const nameAuthors = () => {
    document.querySelectorAll('[data-step-type="assistant_message"] .ai-message > div:not([data-author])').forEach((said) => {
      const slug = said.parentElement.querySelector("img")?.src.split("/avatars/")[1];
      if (slug && boot.agents[slug]) said.dataset.author = boot.agents[slug];
    });
  };

  // Chainlit's icons carry no names, and its menu of a conversation opens by pointer alone.
  const NAMES = {
    "#chat-input": words.write, "#chat-submit": words.send, "#stop-button": words.stop,
    "#sidebar-trigger-button, #sidebar-close-button": words.sidebar, "#search-chats-button": words.search, "#new-chat-button": words.new_chat,
    "button:has(> .lucide-copy)": words.copy, "[class*=positive-feedback]": words.helpful, "[class*=negative-feedback]": words.not_helpful,
    "button:has(> .lucide-arrow-down)": words.to_end, "#thread-options": words.thread_options,
  };
  const nameControls = () => {
    for (const [selector, name] of Object.entries(NAMES)) {
      document.querySelectorAll(selector).forEach((control) => { if (control.ariaLabel !== name) control.ariaLabel = name; });
    }
    document.querySelectorAll("#thread-options:not([tabindex])").forEach((menu) => {
      menu.tabIndex = 0;
      menu.role = "button";
      menu.closest("a > button").tabIndex = -1; // the link around it goes to the same place
    });
    document.querySelectorAll('img[alt^="Avatar for"]').forEach((face) => { face.alt = ""; }); // the name stands beside it
  };

  const draw = () => {
    if (!live.isConnected && document.body) document.body.append(live);
    drawHeader();
    drawWelcome();
    drawChips();
    nameAuthors();
    nameControls();
  };

  // hearing

  const heard = {
    ready: (data) => {
      state.facts = data;
      state.items = data.items;
      state.agent = "personal-assistant";
      document.getElementById("camarad-welcome")?.remove();
      document.documentElement.dataset.chatReady = "1";
    },
    suggestions: (data) => { state.items = data.items; },
    thread: (data) => {
      if (location.pathname === `${boot.prefix}/`) history.replaceState(history.state, "", `${boot.prefix}/thread/${data.id}`);
    },
    state: (data) => {
      state.busy = data.state === "answering";
      const root = document.documentElement.dataset;
      if (!state.busy) root.chatTurns = String(Number(root.chatTurns || 0) + 1);
      root.chatState = data.state;
      live.textContent = data.text;
    },
    gone: (data) => {
      document.body.append(make(
        "div", { id: "camarad-gone", role: "alertdialog", "aria-label": data.message },
        make("div", {}, make("strong", { text: data.message }), make("p", { text: data.hint }),
          make("a", { href: `/login?next=${encodeURIComponent(location.pathname)}`, text: data.action })),
      ));
    },
  };

  addEventListener("message", (event) => {
    if (event.source !== window || event.origin !== location.origin || !event.data?.camarad) return;
    event.stopImmediatePropagation(); // Chainlit would send it back to the server
    heard[event.data.camarad]?.(event.data);
    draw();
  });
  const themed = () => { document.documentElement.dataset.theme = document.documentElement.classList.contains("dark") ? "dark" : "light"; };
  new MutationObserver(themed).observe(document.documentElement, { attributeFilter: ["class"] }); // our tokens follow Chainlit's choice
  themed();
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
