// An image, layer by layer: its files as a tree of few rows on the page, however many there are. Words are set as text,
// never as HTML. All but a file's content is in the model, so it works without a kernel, too. explorer_tree.js comes first.

const ROW = 24; // pixels; explorer.css says the same
const SPARE = 8; // rows drawn above and below what is seen
const PATIENCE = 30000; // milliseconds until a content that did not come is given up
const CHANGES = {
  a: ["+", "added"],
  m: ["~", "changed"],
  k: ["~", "mode, owner or time changed"],
  r: ["−", "removed"],
  "": ["", ""],
};
const KINDS = { f: "file", d: "directory", l: "symbolic link", h: "hard link", o: "special file" };
const FILTERS = [
  ["", "everything"],
  ["a", "+ added"],
  ["mk", "~ changed"],
  ["r", "− removed"],
  ["hidden", "hidden bytes"],
];

// The focused element itself must carry this, or JupyterLab takes its keys for commands (b inserts a cell).
const keepKeys = (element) => element.setAttribute("data-lm-suppress-shortcuts", "true");

function make(name, style, parent, words) {
  const element = document.createElement(name);
  if (style) element.className = style;
  if (words !== undefined) element.textContent = words;
  parent?.append(element);
  return element;
}

function button(style, parent, words, act) {
  const element = make("button", style, parent, words);
  element.type = "button";
  keepKeys(element);
  element.addEventListener("click", act);
  return element;
}

function size(bytes) {
  let value = bytes;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 999.5 || unit === "GB") return `${value.toFixed(unit === "B" || value >= 99.95 ? 0 : 1)} ${unit}`;
    value /= 1000;
  }
}

const some = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;

class Explorer {
  constructor(model, data, el) {
    Object.assign(this, { model, data, tree: new Tree(data), layer: Math.max(model.get("layer"), 0), stacked: false });
    Object.assign(this, { words: "", change: "", bySize: false, active: 0, rows: [], tab: "files", asked: 0 });
    this.typed = { text: "", at: 0 };
    this.card = make("div", "cu-x", el);
    const head = make("div", "cu-x-head", this.card);
    make("p", "cu-x-question", head, "Which file is in which layer?");
    make("p", "cu-x-soft", head, data.summary);
    const panes = make("div", "cu-x-panes", this.card);
    this.drawLayers(make("div", "cu-x-left", panes));
    this.right = make("div", "cu-x-right", panes);
    this.drawTools(this.right);
    this.files = make("div", "cu-x-files", this.right);
    this.drawTree(this.files);
    this.drawList(make("div", "cu-x-list", this.right));
    this.said = make("p", "cu-x-said", this.card);
    this.said.setAttribute("role", "status");
    this.detail = make("div", "cu-x-detail", this.card);
    this.detail.setAttribute("role", "region");
    this.detail.setAttribute("aria-label", "The chosen file");
    this.onMessage = (message) => this.answered(message);
    model.on("msg:custom", this.onMessage);
    this.show();
  }

  // the layers

  drawLayers(pane) {
    const title = make("p", "cu-x-title", pane, "Layers, by the number of their step");
    title.id = `cu-x-${Math.random().toString(36).slice(2)}`;
    const list = make("div", "cu-x-layers", pane);
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-labelledby", title.id);
    const longest = Math.max(1, ...this.data.layers.map((layer) => layer.size));
    this.layers = this.data.layers.map((layer, at) => {
      const option = make("div", "cu-x-layer", list);
      keepKeys(option);
      option.setAttribute("role", "option");
      option.title = layer.command;
      const first = make("span", "cu-x-row", option);
      make("b", "", first, `${layer.number}`);
      make("span", "cu-x-bytes", first, size(layer.size));
      make("span", "cu-x-command", option, layer.command);
      const bar = make("span", "cu-x-bar", option);
      bar.style.width = `${Math.max(0.5, (100 * layer.size) / longest)}%`;
      if (layer.hiddenBytes) {
        make("span", "cu-x-hatch", bar).style.width = `${(100 * layer.hiddenBytes) / Math.max(layer.size, 1)}%`;
      }
      const counts = ["a", "m", "r"].map((kind, which) => {
        const number = [layer.added, layer.modified, layer.removed][which];
        return number ? `${CHANGES[kind][0]} ${number.toLocaleString("en")} ${CHANGES[kind][1]}` : "";
      });
      const told = counts.filter(Boolean);
      if (layer.hiddenBytes) told.push(`${size(layer.hiddenBytes)} hidden`);
      make("span", "cu-x-counts", option, told.join(" · ") || "no files");
      option.addEventListener("click", () => this.choose(at));
      return option;
    });
    list.addEventListener("keydown", (event) => {
      const next = this.moved(event, this.layer, this.layers.length);
      if (next === undefined) return;
      this.choose(next);
      this.layers[next].focus();
    });
    if (!this.layers.length) make("p", "cu-x-soft", pane, "No layers.");
  }

  choose(layer) {
    this.layer = layer;
    this.model.set("layer", layer);
    this.active = 0;
    this.scroller.scrollTop = 0;
    this.show();
  }

  moved(event, at, count) {
    if (event.ctrlKey || event.metaKey || event.altKey || !count) return undefined;
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / ROW) - 1);
    const next = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (next === undefined) return undefined;
    event.preventDefault();
    event.stopPropagation();
    return Math.min(Math.max(next, 0), count - 1);
  }

  // what is above the tree

  drawTools(pane) {
    const tabs = make("div", "cu-x-tools", pane);
    const groups = make("div", "cu-x-group", tabs);
    groups.setAttribute("role", "group");
    groups.setAttribute("aria-label", "What to look at");
    const views = [
      ["This layer", () => this.turn("files", false)],
      ["The stack up to it", () => this.turn("files", true)],
      [`Hidden and wasted: ${this.data.waste.length.toLocaleString("en")}`, () => this.turn("list", this.stacked)],
    ];
    this.views = views.map(([words, act]) => button("cu-x-tab", groups, words, act));
    this.tools = make("div", "cu-x-tools", pane);
    this.search = make("input", "cu-x-search", this.tools);
    this.search.type = "search";
    this.search.placeholder = "Search (press /)";
    this.search.setAttribute("aria-label", "Search for a name, or for a part of a path with a /");
    keepKeys(this.search);
    this.search.addEventListener("input", () => {
      this.words = this.search.value;
      this.active = 0;
      this.show();
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && this.rows.length) {
        event.preventDefault();
        this.focusRow(this.active);
      } else if (event.key === "Escape" && this.search.value) {
        event.preventDefault();
        this.search.value = this.words = "";
        this.show();
      } else return;
      event.stopPropagation();
    });
    this.select(
      "Show",
      FILTERS,
      (value) => {
        this.change = value;
        this.active = 0;
        this.show();
      },
    );
    this.select(
      "Sort",
      [
        ["", "by name"],
        ["size", "by size"],
      ],
      (value) => {
        this.bySize = value === "size";
        this.show();
      },
    );
  }

  select(words, options, act) {
    const label = make("label", "cu-x-label", this.tools, `${words} `);
    const element = make("select", "cu-x-select", label);
    keepKeys(element);
    for (const [value, text] of options) make("option", "", element, text).value = value;
    element.addEventListener("change", () => act(element.value));
    return element;
  }

  turn(tab, stacked) {
    this.tab = tab;
    this.stacked = stacked;
    this.active = 0;
    this.show();
  }

  // the tree

  drawTree(pane) {
    this.scroller = make("div", "cu-x-tree", pane);
    this.scroller.setAttribute("role", "tree");
    this.scroller.addEventListener("scroll", () => this.paint());
    this.scroller.addEventListener("keydown", (event) => this.key(event));
    this.space = make("div", "cu-x-space", this.scroller);
    this.space.setAttribute("role", "none");
    this.empty = make("p", "cu-x-soft cu-x-empty", pane);
    this.drawn = new Map();
  }

  show() {
    const { tree, data } = this;
    this.layers.forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === this.layer));
      option.tabIndex = at === this.layer ? 0 : -1;
    });
    [this.tab === "files" && !this.stacked, this.tab === "files" && this.stacked, this.tab === "list"].forEach((on, at) =>
      this.views[at].setAttribute("aria-pressed", String(on)),
    );
    const list = this.tab === "list";
    this.tools.hidden = list;
    this.files.hidden = list;
    this.list.parentElement.hidden = !list;
    if (list) {
      this.report(data.waste.length ? data.wasteSummary : "Nothing is stored in vain.");
      this.describe();
      return;
    }
    if (!data.layers.length) {
      this.empty.textContent = "This image has no layers, so it has no files.";
      return;
    }
    tree.look(this.layer, this.stacked);
    tree.filter(this.words, this.change);
    this.refresh();
    const whose = this.stacked ? `the stack up to layer ${data.layers[this.layer].number}` : `layer ${data.layers[this.layer].number}`;
    this.scroller.setAttribute("aria-label", `Files of ${whose}`);
    const found = tree.filtered ? `${some(tree.matches, "match").replace("matchs", "matches")} in ` : "";
    const all = tree.files[0];
    this.report(`${found}${whose}: ${some(all, "file")}, ${size(tree.size[0])}`);
    this.empty.textContent = this.rows.length ? "" : tree.filtered ? "Nothing here fits." : "No files in this layer.";
  }

  report(words) {
    if (this.said.textContent !== words) this.said.textContent = words;
  }

  refresh() {
    this.rows = this.tree.flat(this.bySize);
    this.active = Math.min(Math.max(this.active, 0), Math.max(this.rows.length - 1, 0));
    this.space.style.height = `${this.rows.length * ROW}px`;
    for (const element of this.drawn.values()) element.remove();
    this.drawn.clear();
    this.paint();
    this.describe();
  }

  // Only what is seen is on the page, and the row that has the focus, so that it does not lose it.
  paint() {
    const top = Math.floor(this.scroller.scrollTop / ROW);
    const seen = Math.ceil((this.scroller.clientHeight || 320) / ROW);
    const wanted = new Set([this.active]);
    for (let at = Math.max(0, top - SPARE); at < Math.min(this.rows.length, top + seen + SPARE); at++) wanted.add(at);
    for (const [at, element] of this.drawn) {
      if (!wanted.has(at)) {
        element.remove();
        this.drawn.delete(at);
      }
    }
    const later = [...this.drawn.keys()].sort((a, b) => a - b);
    for (const at of [...wanted].sort((a, b) => a - b)) {
      if (at >= this.rows.length || this.drawn.has(at)) continue;
      const element = this.draw(at);
      const after = later.find((other) => other > at);
      this.space.insertBefore(element, after === undefined ? null : this.drawn.get(after)); // read in order
      this.drawn.set(at, element);
    }
  }

  draw(at) {
    const { node, level, at: place, of, folder, open } = this.rows[at];
    const { tree, data } = this;
    const change = tree.change(node);
    const element = make("div", "cu-x-item");
    keepKeys(element);
    element.setAttribute("role", "treeitem");
    element.setAttribute("aria-level", level);
    element.setAttribute("aria-posinset", place);
    element.setAttribute("aria-setsize", of);
    if (folder) element.setAttribute("aria-expanded", String(open));
    element.setAttribute("aria-selected", String(at === this.active));
    element.tabIndex = at === this.active ? 0 : -1;
    element.style.top = `${at * ROW}px`;
    element.style.paddingLeft = `${8 + 16 * (level - 1)}px`;
    element.dataset.change = change;
    const arrow = make("span", "cu-x-arrow", element, folder ? (open ? "▾" : "▸") : "");
    arrow.setAttribute("aria-hidden", "true");
    const mark = make("span", "cu-x-mark", element, CHANGES[change][0]);
    mark.setAttribute("aria-hidden", "true");
    const kind = tree.kind(node);
    const link = tree.from[node] >= 0 ? data.layers[tree.from[node]].links[tree.row[node]] : undefined;
    make("span", "cu-x-name", element, data.names[node] + (kind === "d" ? "/" : "") + (link ? ` → ${link}` : ""));
    if (change) make("span", "cu-x-unseen", element, `, ${CHANGES[change][1]}`);
    if (tree.isHidden(node)) make("span", "cu-x-tag cu-x-bad", element, change === "r" ? "" : "hidden later");
    if (this.stacked && tree.from[node] >= 0 && tree.from[node] !== this.layer) {
      make("span", "cu-x-tag", element, `layer ${data.layers[tree.from[node]].number}`);
    }
    make("span", "cu-x-bytes", element, change === "r" ? "removed" : size(tree.size[node]));
    element.addEventListener("click", () => {
      this.active = at;
      if (folder) this.turnFolder(at);
      else this.mark();
      this.drawn.get(at)?.focus({ preventScroll: true });
    });
    return element;
  }

  mark() {
    for (const [at, element] of this.drawn) {
      element.setAttribute("aria-selected", String(at === this.active));
      element.tabIndex = at === this.active ? 0 : -1;
    }
    this.describe();
  }

  turnFolder(at) {
    this.tree.turn(this.rows[at].node);
    this.refresh();
  }

  focusRow(at) {
    this.active = at;
    const top = at * ROW;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + ROW > scrollTop + clientHeight) this.scroller.scrollTop = top + ROW - clientHeight;
    this.paint();
    this.mark();
    this.drawn.get(at)?.focus({ preventScroll: true });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { active, rows } = this;
    const row = rows[active];
    if (!row) return;
    let next = this.moved(event, active, rows.length);
    if (next === undefined) {
      if (event.key === "ArrowRight") {
        if (row.folder && !row.open) this.turnFolder(active);
        next = row.folder && row.open && active + 1 < rows.length ? active + 1 : active;
      } else if (event.key === "ArrowLeft") {
        if (row.open) {
          this.turnFolder(active);
          next = active;
        } else {
          next = active;
          while (next > 0 && rows[next].level >= row.level) next--;
          if (rows[next].level >= row.level) next = active;
        }
      } else if (event.key === "Enter" || event.key === " ") {
        if (row.folder) this.turnFolder(active);
        else this.look();
        next = active;
      } else if (event.key === "/") {
        event.preventDefault();
        event.stopPropagation();
        this.search.focus();
        return;
      } else if (event.key.length === 1) {
        next = this.found(event.key);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    }
    this.focusRow(next);
  }

  // Typing goes to the next row whose name begins with what was typed.
  found(key) {
    const now = performance.now();
    this.typed = { text: (now - this.typed.at < 700 ? this.typed.text : "") + key.toLowerCase(), at: now };
    const { text } = this.typed;
    const start = this.active + (text.length === 1 ? 1 : 0);
    for (let step = 0; step < this.rows.length; step++) {
      const at = (start + step) % this.rows.length;
      if (this.tree.lower[this.rows[at].node].startsWith(text)) return at;
    }
    return this.active;
  }

  // the chosen file

  describe() {
    const row = this.tab === "list" ? undefined : this.rows[this.active];
    const { tree, data } = this;
    const from = row ? tree.from[row.node] : -1;
    const told = row ? `${row.node} ${from} ${this.layer}` : "";
    if (told === this.told) return; // what is shown of its content stays
    this.told = told;
    this.detail.replaceChildren();
    this.content = undefined;
    if (!row) return;
    const line = make("p", "cu-x-path", this.detail);
    make("b", "", line, tree.path(row.node));
    if (from < 0) {
      make("p", "cu-x-soft", this.detail, "This layer changed nothing of the directory itself, but something below it.");
      return;
    }
    const layer = data.layers[from];
    const at = tree.row[row.node];
    const change = layer.changes[at];
    const facts = [`layer ${layer.number}`, CHANGES[change][1], KINDS[layer.kinds[at]]];
    if (change !== "r") {
      facts.push(size(layer.sizes[at]), `mode ${layer.modes[at].toString(8).padStart(4, "0")}`, `owner ${data.owners[layer.owned[at]]}`);
      if (layer.links[at]) facts.push(`to ${layer.links[at]}`);
    }
    make("p", "cu-x-soft", this.detail, facts.filter(Boolean).join(" · "));
    if (layer.hidden.has(at)) {
      const why = data.reasons[`${from}:${at}`];
      make("p", "cu-x-bad", this.detail, `✕ Hidden: ${why || "no container sees it"}. The bytes are still stored in layer ${layer.number}.`);
    }
    const tools = make("div", "cu-x-tools", this.detail);
    if (change !== "r" && layer.kinds[at] === "f") button("cu-x-tab", tools, "Look into it", () => this.look());
    data.layers.forEach((other, number) => {
      const there = other.at.get(row.node);
      if (number === from || there === undefined) return;
      button("cu-x-tab", tools, `layer ${other.number}: ${CHANGES[other.changes[there]][1]}`, () => this.jump(number, row.node));
    });
    this.content = make("div", "cu-x-content", this.detail);
  }

  jump(layer, node, focus = true) {
    this.tab = "files";
    this.stacked = false;
    this.layer = layer;
    this.model.set("layer", layer);
    this.words = this.search.value = "";
    this.change = this.tools.querySelector("select").value = "";
    this.tree.reveal(node);
    this.show();
    const at = this.rows.findIndex((row) => row.node === node);
    if (at < 0) return;
    this.scroller.scrollTop = Math.max(0, at * ROW - this.scroller.clientHeight / 2);
    this.active = at;
    this.paint();
    if (focus) this.focusRow(at);
    else this.mark();
  }

  look() {
    const { node } = this.rows[this.active];
    const from = this.tree.from[node];
    if (from < 0 || this.data.layers[from].kinds[this.tree.row[node]] !== "f" || this.tree.change(node) === "r") return;
    this.asked += 1;
    const asked = this.asked;
    this.isAnswered = false;
    this.content.replaceChildren();
    make("p", "cu-x-soft", this.content, "Reading it from the engine …");
    this.model.send({ ask: asked, layer: from, row: this.tree.row[node] });
    setTimeout(() => {
      if (this.asked === asked && !this.isAnswered) {
        this.tell("", "The kernel did not answer: another cell is running, or the kernel is gone. Run this cell again.");
      }
    }, PATIENCE);
  }

  answered(message) {
    if (message?.answer !== this.asked) return;
    this.isAnswered = true;
    this.tell(message.text, message.note);
  }

  tell(text, note) {
    if (!this.content) return; // another file was chosen meanwhile
    this.content.replaceChildren();
    if (note) make("p", "cu-x-soft", this.content, note);
    if (text) {
      const shown = make("pre", "cu-x-text", this.content, text);
      shown.tabIndex = 0;
      shown.setAttribute("aria-label", "What is in the file");
      shown.setAttribute("role", "region");
      keepKeys(shown);
    }
    this.report(text ? "The content of the file is shown below." : note);
  }

  // hidden and wasted bytes

  drawList(pane) {
    if (!this.data.waste.length) make("p", "cu-x-soft", pane, "✓ Nothing is stored in vain.");
    this.list = make("ul", "cu-x-waste", pane);
    const rows = this.data.waste.map((waste, at) => {
      const row = button("cu-x-found", make("li", "", this.list), "", () => this.jump(waste.layer, this.nodeOf(waste)));
      make("span", "cu-x-bytes", row, size(waste.bytes));
      make("span", "cu-x-name", row, waste.path);
      make("span", `cu-x-tag ${waste.bad ? "cu-x-bad" : ""}`, row, waste.word);
      make("span", "cu-x-why", row, waste.why);
      row.tabIndex = at ? -1 : 0;
      return row;
    });
    this.list.addEventListener("keydown", (event) => {
      const at = rows.indexOf(event.target.closest("button"));
      const next = at < 0 ? undefined : this.moved(event, at, rows.length);
      if (next === undefined) return;
      rows.forEach((row, other) => (row.tabIndex = other === next ? 0 : -1));
      rows[next].focus();
    });
  }

  nodeOf(waste) {
    return this.data.layers[waste.layer].nodes[waste.row];
  }
}

async function render({ model, el }) {
  const waiting = make("p", "cu-x-soft", el, "Opening …");
  let shown;
  try {
    shown = new Explorer(model, await unpack(model.get("packed")), el);
    const start = model.get("start"); // a file to begin with
    if (start >= 0) shown.jump(shown.layer, start, false);
    waiting.remove();
  } catch (error) {
    waiting.textContent = `The explorer can't be shown: ${error.message}. The figure above says the same in short.`;
  }
  return () => shown && model.off("msg:custom", shown.onMessage);
}

export default { render };
