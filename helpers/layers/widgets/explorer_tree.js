// What the explorer shows, worked out from columns: no DOM in here. explorer.js is joined to it (see explorer.py).
//
// A node is one path of the image; parents come before their children, and node 0 is the root. A layer has rows, one
// for each entry of it: the node, a letter for the change (a added, m changed, k only its mode, owner or time, r removed),
// a letter for the kind (f file, d directory, l link, h hard link, o other), the size, the mode.

async function unpack(view) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const data = JSON.parse(await new Response(plain).text());
  data.names = data.names.split("\n");
  for (const layer of data.layers) {
    let node = 0;
    layer.nodes = Int32Array.from(layer.nodes, (step) => (node += step)); // sent as differences
    layer.hidden = new Set(layer.hidden);
    layer.at = new Map();
    layer.nodes.forEach((number, row) => layer.at.set(number, row));
  }
  return data;
}

class Tree {
  constructor(data) {
    this.data = data;
    this.count = data.names.length;
    this.first = new Int32Array(this.count).fill(-1); // children as linked lists: built once
    this.next = new Int32Array(this.count).fill(-1);
    for (let node = this.count - 1; node > 0; node--) {
      const parent = data.parents[node];
      this.next[node] = this.first[parent];
      this.first[parent] = node;
    }
    this.lower = data.names.map((name) => name.toLowerCase());
    this.open = new Set([0]);
    this.closed = new Set(); // what was closed among the finds of a search
  }

  path(node) {
    const parts = [];
    for (let at = node; at > 0; at = this.data.parents[at]) parts.unshift(this.data.names[at]);
    return "/" + parts.join("/");
  }

  // Which entry stands for each node: of one layer, or of all layers up to it as a container would see them.
  look(layer, stacked) {
    const { data, count } = this;
    this.layer = layer;
    this.stacked = stacked;
    this.from = new Int16Array(count).fill(-1); // the layer whose entry is seen, and its row
    this.row = new Int32Array(count).fill(-1);
    const gone = new Int16Array(count).fill(-1);
    const cut = new Int16Array(count).fill(-1); // what lies below is hidden if it comes from an older layer
    const start = stacked ? 0 : layer;
    for (let number = start; number <= layer; number++) {
      const { nodes, changes, kinds } = data.layers[number];
      for (let row = 0; row < nodes.length; row++) {
        const node = nodes[row];
        if (changes[row] === "r" && stacked) {
          gone[node] = number;
          if (number < layer || this.from[node] === number) continue;
        }
        if (changes[row] === "r" && this.from[node] === number) continue;
        this.from[node] = number;
        this.row[node] = row;
        if (kinds[row] !== "d") cut[node] = number;
      }
    }
    const files = new Int32Array(count);
    this.size = new Float64Array(count);
    this.shown = new Uint8Array(count); // 1: has an entry; 2: only leads to some
    for (let node = 0; node < count; node++) {
      const parent = node ? data.parents[node] : -1;
      const hides = parent < 0 ? -1 : cut[parent];
      if (this.from[node] >= 0) {
        const row = this.row[node];
        const layerOf = data.layers[this.from[node]];
        const removed = layerOf.changes[row] === "r";
        const covered = stacked && (this.from[node] < hides || (!removed && this.from[node] < gone[node]));
        if (!covered) {
          this.shown[node] = 1;
          if (!removed) this.size[node] = layerOf.sizes[row];
          if (!removed && layerOf.kinds[row] !== "d") files[node] = 1;
        } else {
          this.from[node] = -1;
        }
      }
      if (parent >= 0) cut[node] = Math.max(cut[node], gone[node], hides);
    }
    for (let node = count - 1; node > 0; node--) {
      const parent = data.parents[node];
      if (!this.shown[node]) continue;
      this.size[parent] += this.size[node];
      files[parent] += files[node];
      if (!this.shown[parent]) this.shown[parent] = 2;
    }
    this.files = files;
  }

  change(node) {
    if (this.from[node] < 0 || this.from[node] !== this.layer) return "";
    return this.data.layers[this.layer].changes[this.row[node]];
  }

  kind(node) {
    if (this.from[node] < 0) return "d";
    return this.data.layers[this.from[node]].kinds[this.row[node]];
  }

  isHidden(node) {
    return this.from[node] >= 0 && this.data.layers[this.from[node]].hidden.has(this.row[node]);
  }

  // Keeps what fits the words and the change, and the directories that lead there.
  filter(words, change) {
    const wanted = words.trim().toLowerCase();
    const whole = wanted.includes("/");
    this.filtered = Boolean(wanted || change);
    this.closed.clear();
    this.keep = new Uint8Array(this.count);
    this.matches = 0;
    const paths = whole ? new Array(this.count) : null;
    if (whole) paths[0] = "";
    for (let node = 0; node < this.count; node++) {
      if (whole && node) paths[node] = paths[this.data.parents[node]] + "/" + this.lower[node];
      if (this.shown[node] === 0) continue;
      if (!this.filtered) {
        this.keep[node] = 1;
        continue;
      }
      if (this.shown[node] !== 1 || node === 0) continue;
      if (wanted && !(whole ? paths[node] : this.lower[node]).includes(wanted)) continue;
      if (change === "hidden" ? !this.isHidden(node) : change && !change.includes(this.change(node) || "-")) continue;
      this.keep[node] = 1;
      this.matches++;
    }
    if (!this.filtered) return;
    for (let node = this.count - 1; node > 0; node--) if (this.keep[node]) this.keep[this.data.parents[node]] = 1;
  }

  // The rows to be seen, from the root down; of a directory that is closed, only itself.
  flat(bySize) {
    const rows = [];
    const { names } = this.data;
    const order = bySize
      ? (a, b) => this.size[b] - this.size[a] || (names[a] < names[b] ? -1 : 1)
      : (a, b) => (names[a] < names[b] ? -1 : names[a] > names[b] ? 1 : 0);
    const below = (parent, level) => {
      const children = [];
      for (let node = this.first[parent]; node >= 0; node = this.next[node]) if (this.keep[node]) children.push(node);
      children.sort(order);
      children.forEach((node, at) => {
        const folder = this.first[node] >= 0 && this.hasKept(node);
        const open = folder && this.isOpen(node);
        rows.push({ node, level, at: at + 1, of: children.length, folder, open });
        if (open) below(node, level + 1);
      });
    };
    below(0, 1);
    return rows;
  }

  hasKept(parent) {
    for (let node = this.first[parent]; node >= 0; node = this.next[node]) if (this.keep[node]) return true;
    return false;
  }

  isOpen(node) {
    return this.filtered ? !this.closed.has(node) : this.open.has(node); // a search opens what it found
  }

  turn(node) {
    const turned = this.filtered ? this.closed : this.open;
    if (!turned.delete(node)) turned.add(node);
  }

  // Opens all that leads to a node.
  reveal(node) {
    for (let at = this.data.parents[node]; at > 0; at = this.data.parents[at]) this.open.add(at);
  }
}
