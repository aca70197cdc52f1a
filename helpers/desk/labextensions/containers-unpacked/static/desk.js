// The desk: shows what it is told, and asks for a log or an inspect when a person wants one.
//
// desk(el, { send }) draws into `el`; send(object) reaches whoever follows the engine. Words are set as text; the drawing
// comes ready from the course's own server, where every word of the engine's was escaped.

const READ_AFTER = 1200; // ms without a change, until what happened is read out
const WIDE_AFTER = 120; // ms without a change of size, until the new one is told

// The focused element itself must carry this, or JupyterLab takes its keys for commands (b inserts a cell).
function keepKeys(element) {
  element.dataset.lmSuppressShortcuts = "true";
  return element;
}

function make(name, style, parent, words = "") {
  const element = document.createElement(name);
  element.className = style;
  element.textContent = words;
  parent.append(element);
  return element;
}

function button(style, parent, words, act) {
  const element = keepKeys(make("button", style, parent, words));
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

const LOST = "✕ The course's server does not answer, so this picture is old. It is tried again every second.";
const HELP = [
  ["F6", "moves on to the next part: the notebook, this picture, the terminal. Shift-F6 moves back."],
  ["Escape", "closes a log or an inspect and goes back to its container."],
  ["A click on a container", "lets you copy its name, read its log, and see what the engine knows about it (inspect)."],
  ["The picture", "shows what the course made for you, and what has appeared since you sat down. The rest is counted."],
  ["A screen reader", "says what happened. For the terminal, switch on its screen reader mode: Settings, " +
    "Settings Editor, Terminal, Screen Reader Mode."],
  ["If this panel is closed", "View, Activate Command Palette, Show the Engine brings it back."],
];

export function desk(el, { send }) {
  const root = make("section", "hs-desk", el);
  root.setAttribute("aria-label", "What is on the engine?");
  const rules = make("style", "", root);
  const head = make("div", "hs-head", root);
  const title = make("b", "hs-title", head);
  const summary = make("span", "hs-summary", head);
  const help = button("hs-button hs-help", head, "?", () => open(help, "Help", showHelp));
  help.setAttribute("aria-label", "Help");
  const scroll = make("div", "hs-scroll", root);
  const picture = make("div", "hs-picture", scroll);
  const drawing = make("div", "hs-drawing", picture);
  const boxes = make("div", "hs-boxes", picture);
  const foot = make("div", "hs-foot", root);
  const rest = make("div", "hs-rest", foot);
  const more = make("span", "hs-more", foot, "↓ more below");
  more.setAttribute("aria-hidden", "true"); // the picture's sentence has it all
  more.hidden = true;
  const lines = make("ol", "hs-lines", root);
  lines.setAttribute("aria-label", "What just happened, newest first");
  const live = make("div", "hs-live", root);
  live.setAttribute("aria-live", "polite");
  const spots = new Map();
  const revealed = new Map(); // commands that were asked for, by the engine's id of each
  let drawn = "", said = null, reading = 0, sizing = 0, wide = 0, detail = null, asked = null, moved = false;

  // -- the picture

  function show(state) {
    if (state.style) rules.textContent = state.style;
    if (state.answer) return answer(state.answer);
    if (!state.svg) return undefined;
    title.textContent = state.title;
    summary.textContent = state.summary;
    rest.textContent = rest.title = state.rest;
    root.dataset.ok = String(state.ok);
    delete root.dataset.lost;
    root.dataset.number = String(state.number);
    if (drawn !== state.svg) drawing.innerHTML = drawn = state.svg;
    place(state.spots);
    list(state.lines);
    read(state.say);
    return undefined;
  }

  // Buttons over the boxes; each stays while its container does, so that the focus on it stays, too.
  function place(wanted) {
    const there = new Set(wanted.map((spot) => spot.id));
    for (const [id, box] of spots) {
      if (!there.has(id)) {
        box.remove();
        spots.delete(id);
      }
    }
    let marked = null;
    for (const [at, spot] of wanted.entries()) {
      let box = spots.get(spot.id);
      if (!box) {
        box = button("hs-box", boxes, "", () => open(box, box.dataset.name, (pane) => container(pane, spot.id)));
        spots.set(spot.id, box);
      }
      box.dataset.name = spot.name;
      box.title = `${spot.name}: log, inspect, copy the name`;
      box.setAttribute("aria-label", `${spot.label}: log, inspect, copy the name`);
      box.dataset.marked = String(spot.marked);
      Object.assign(box.style, {
        left: `${spot.x}px`, top: `${spot.y}px`, width: `${spot.width}px`, height: `${spot.height}px`,
      });
      if (spot.marked) marked = marked || spot;
      // In the picture's order. What is in its place is not moved: it may have the focus.
      if (boxes.children[at] !== box) boxes.insertBefore(box, boxes.children[at] ?? null);
    }
    if (marked && !scroll.matches(":hover") && !scroll.contains(document.activeElement)) {
      const low = marked.y + marked.height + 60, high = scroll.scrollTop + scroll.clientHeight;
      if (low > high || marked.y < scroll.scrollTop) {
        scroll.scrollTop = Math.max(0, low - scroll.clientHeight);
        moved = true;
      }
    } else if (!marked && moved) { // back to where it began
      scroll.scrollTop = 0;
      moved = false;
    }
    below();
  }

  // A word where the picture goes on: not every system shows a scroll bar.
  function below() {
    const hidden = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight;
    more.hidden = hidden < 8;
  }

  scroll.addEventListener("scroll", below, { passive: true });
  for (const kind of ["wheel", "pointerdown", "keydown"]) { // from here on it stays where the person wants it
    scroll.addEventListener(kind, () => { moved = false; }, { passive: true });
  }

  function list(wanted) {
    const key = JSON.stringify(wanted);
    if (lines.dataset.key === key) return;
    lines.dataset.key = key;
    const focused = document.activeElement?.dataset?.exec;
    lines.replaceChildren();
    for (const line of wanted) {
      const item = make("li", "hs-line", lines);
      make("span", "hs-time", item, line.time);
      make("span", "", item, ` ${line.kind} `);
      make("b", "", item, line.name);
      make("span", "", item, `: ${[line.did, line.words].filter(Boolean).join(", ")} `);
      for (const exec of line.executed || []) {
        if (revealed.has(exec)) {
          make("code", "hs-value", item, revealed.get(exec));
          continue;
        }
        const ask = reveal(item, "which?", { ask: "executed", id: line.container, exec });
        ask.dataset.exec = exec;
        ask.setAttribute("aria-label", `Show the command that was executed in ${line.name}`);
        if (focused === exec) ask.focus();
      }
    }
    if (!wanted.length) make("li", "hs-line", lines, "Nothing has happened yet.");
  }

  function reveal(parent, words, question) {
    const ask = button("hs-reveal", parent, words, () => {
      asked = ask;
      send(question);
    });
    return ask;
  }

  function read(words) {
    const first = said === null;
    if (words === said) return;
    said = words;
    clearTimeout(reading);
    if (!first && words) reading = setTimeout(() => { live.textContent = words; }, READ_AFTER);
  }

  // -- what a box leads to

  function open(from, name, fill) {
    close();
    const pane = make("div", "hs-detail", root);
    pane.setAttribute("role", "dialog");
    pane.setAttribute("aria-label", name);
    const bar = make("div", "hs-bar", pane);
    make("b", "hs-name", bar, name);
    detail = { pane, bar, from, body: null, id: null };
    fill(detail);
    const shut = button("hs-button hs-close", bar, "Close", () => close(true));
    (bar.querySelector("button") || shut).focus();
  }

  function close(back = false) {
    if (!detail) return;
    const { pane, from } = detail;
    detail = null;
    pane.remove();
    if (back) (from.isConnected ? from : help).focus();
  }

  function body(pane, style) {
    pane.body?.remove();
    pane.body = make("div", `hs-body ${style}`, pane.pane);
    return pane.body;
  }

  function showHelp(pane) {
    const all = make("dl", "hs-helps", body(pane, ""));
    for (const [term, words] of HELP) {
      make("dt", "", all, term);
      make("dd", "", all, words);
    }
  }

  function container(pane, id) {
    pane.id = id;
    const name = spots.get(id)?.dataset.name || id;
    const ask = (what) => () => {
      body(pane, "hs-wait").textContent = "Asking the engine …";
      send({ ask: what, id });
    };
    const copy = button("hs-button", pane.bar, "Copy the name", async () => {
      try {
        await navigator.clipboard.writeText(name);
        copy.textContent = "Copied";
      } catch {
        const chosen = getSelection(); // no permission: it is selected for Ctrl-C
        chosen.selectAllChildren(pane.bar.querySelector(".hs-name"));
        copy.textContent = "Press Ctrl-C";
      }
    });
    button("hs-button", pane.bar, "Log", ask("log"));
    button("hs-button", pane.bar, "Inspect", ask("inspect"));
    body(pane, "").textContent = "Its log, or what the engine knows of it? Both are read only.";
  }

  function answer(found) {
    if (found.error && ["executed", "value"].includes(found.ask)) {
      asked?.replaceWith(make("span", "hs-value", root, found.error));
      return;
    }
    if (found.ask === "executed") {
      revealed.set(found.exec, found.value);
      const ask = [...lines.querySelectorAll(".hs-reveal")].find((one) => one.dataset.exec === found.exec);
      if (ask) {
        const code = make("code", "hs-value", ask.parentElement, found.value);
        ask.replaceWith(code);
      }
      return;
    }
    if (!detail || detail.id !== found.id) return;
    if (found.ask === "value") {
      const key = JSON.stringify(found.path);
      const ask = [...detail.pane.querySelectorAll(".hs-reveal")].find((one) => one.dataset.path === key);
      if (ask) {
        const shown = make("span", "hs-value", ask.parentElement, found.value);
        shown.tabIndex = -1;
        ask.replaceWith(keepKeys(shown));
        shown.focus();
      }
      return;
    }
    const pane = body(detail, "");
    if (found.error) {
      pane.textContent = found.error;
      return;
    }
    if (found.note) make("p", "hs-note", pane, found.note);
    if (found.tree) {
      const list = make("ul", "hs-tree", pane);
      for (const node of found.tree) branch(list, node, found.id, 0);
    } else {
      const text = keepKeys(make("pre", "hs-log", pane, found.text));
      text.tabIndex = 0;
      text.setAttribute("aria-label", found.title);
      text.scrollTop = text.scrollHeight;
    }
  }

  function branch(parent, node, id, depth) {
    const item = make("li", "", parent);
    if (!node.children) {
      make("span", "hs-key", item, `${node.key}: `);
      if (node.hidden) {
        const ask = reveal(item, "hidden, show", { ask: "value", id, path: node.path });
        ask.dataset.path = JSON.stringify(node.path);
        ask.setAttribute("aria-label", `Show the value of ${node.path.join(" ")}`);
      } else make("span", "hs-value", item, node.value ?? "");
      return;
    }
    const more = make("details", "", item);
    const summaryLine = keepKeys(make("summary", "hs-key", more, `${node.key} (${node.children.length})`));
    summaryLine.title = node.key;
    const list = make("ul", "hs-tree", more);
    const fill = () => {
      if (!list.childElementCount) for (const child of node.children) branch(list, child, id, depth + 1);
    };
    more.addEventListener("toggle", () => more.open && fill());
  }

  // -- keys and size

  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && detail) {
      event.stopPropagation();
      close(true);
    }
  });

  function measure() {
    clearTimeout(sizing);
    sizing = setTimeout(() => {
      below();
      const now = scroll.clientWidth;
      if (now > 0 && Math.abs(now - wide) > 3) {
        wide = now;
        send({ wide: now });
      }
    }, wide ? WIDE_AFTER : 0);
  }

  const watch = new ResizeObserver(measure);
  watch.observe(scroll);

  return {
    show,
    focus: () => (detail ? detail.bar.querySelector("button") : spots.values().next().value || help).focus(),
    lost: () => { // the next picture takes it back
      root.dataset.ok = "false";
      root.dataset.lost = "true";
      summary.textContent = LOST;
      read(LOST);
    },
    again: () => { // a new connection knows nothing of this page
      wide = 0;
      measure();
    },
    end: () => {
      watch.disconnect();
      clearTimeout(reading);
      clearTimeout(sizing);
      root.remove();
    },
  };
}

// In a cell: anywidget calls this with the widget's model.
function render({ model, el }) {
  const shown = desk(el, { send: (message) => model.send(message) });
  const tell = () => shown.show(model.get("told"));
  const answered = (message) => shown.show(message);
  model.on("change:told", tell);
  model.on("msg:custom", answered);
  tell();
  return () => {
    model.off("change:told", tell);
    model.off("msg:custom", answered);
    shown.end();
  };
}

export default { render };
