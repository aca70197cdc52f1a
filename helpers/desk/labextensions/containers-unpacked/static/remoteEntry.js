// A panel of JupyterLab, written by hand: no build, no package. JupyterLab's loader (bootstrap.js) loads this file by a
// script element, calls window._JUPYTERLAB[NAME].init(scope) and later .get("./extension"), which gives the plugin.
// That is the whole contract; tests/desk/test_browser.py holds it, and pyproject.toml bounds JupyterLab's version.
(() => {
  const NAME = "containers-unpacked"; // as in package.json
  const HERE = new URL(".", document.currentScript.src);
  const ID = "containers-unpacked-desk"; // of the panel; the workspace names it, too
  const AGAIN = 1000; // ms until a lost connection is tried again
  let scope;

  // A module of JupyterLab's own, so that there is one copy of it.
  async function shared(name) {
    const factory = await Object.values(scope[name])[0].get();
    return factory();
  }

  async function plugin() {
    const { Widget } = await shared("@lumino/widgets");
    const { ILayoutRestorer } = await shared("@jupyterlab/application");
    const { ICommandPalette } = await shared("@jupyterlab/apputils");
    const { desk } = await import(new URL("desk.js", HERE));
    document.head.append(
      Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("desk.css", HERE) }),
    );

    class Panel extends Widget {
      constructor() {
        super();
        this.id = ID;
        this.title.label = "Engine";
        this.title.caption = "What is on the engine?";
        this.title.closable = true;
        this.node.style.overflow = "hidden";
        this.desk = desk(this.node, { send: (message) => this.send(message) });
      }
      onAfterAttach() {
        this.wanted = true;
        if (!this.socket) this.connect();
      }
      onBeforeDetach() {
        this.wanted = false;
      }
      onActivateRequest() {
        this.desk.focus();
      }
      // The page is logged in: its cookie goes along, and nothing else is needed.
      connect() {
        const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
        const base = config.wsUrl || location.origin.replace(/^http/, "ws") + config.baseUrl;
        const socket = (this.socket = new WebSocket(`${base}containers-unpacked/desk`));
        socket.onopen = () => this.desk.again();
        socket.onmessage = (event) => this.desk.show(JSON.parse(event.data));
        socket.onclose = () => {
          this.socket = null;
          if (!this.isDisposed) this.desk.lost();
          if (!this.isDisposed) setTimeout(() => !this.socket && !this.isDisposed && this.connect(), AGAIN);
        };
      }
      send(message) {
        if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
      }
      onCloseRequest(message) {
        super.onCloseRequest(message);
        this.dispose();
      }
      dispose() {
        if (this.isDisposed) return;
        super.dispose();
        this.socket?.close();
        this.desk.end();
      }
    }

    return {
      id: `${NAME}:desk`,
      autoStart: true,
      optional: [ILayoutRestorer, ICommandPalette],
      activate(app, restorer, palette) {
        const { shell, commands } = app;
        const kinds = (widget) =>
          widget.id === ID ? "desk" : widget.context ? "document" : widget.content?.session ? "terminal" : "other";
        const main = () => [...shell.widgets("main")];
        let panel = make();

        function make() {
          const made = new Panel();
          restorer?.add(made, ID); // each, or one that was closed and opened again is gone after a reload
          return made;
        }

        // Focus to the next part of the page; with Shift, to the one before.
        function next(back = false) {
          const parts = main().filter((widget) => widget.isVisible);
          if (!parts.length) return;
          const at = parts.findIndex((widget) => widget.node.contains(document.activeElement));
          shell.activateById(parts[(at + (back ? -1 : 1) + parts.length) % parts.length].id);
        }
        commands.addCommand(`${NAME}:next-part`, { label: "Go to the Next Part of the Page", execute: () => next() });
        commands.addCommand(`${NAME}:part-before`, { label: "Go to the Part Before", execute: () => next(true) });
        // Before anything else hears it: a terminal keeps every key, and JupyterLab's own shortcuts come after it.
        document.addEventListener(
          "keydown",
          (event) => {
            if (event.key !== "F6" || event.ctrlKey || event.altKey || event.metaKey) return;
            event.preventDefault();
            event.stopImmediatePropagation();
            next(event.shiftKey);
          },
          true,
        );

        commands.addCommand(`${NAME}:show`, {
          label: "Show the Engine",
          execute: () => {
            if (panel.isDisposed) panel = make();
            if (!panel.isAttached) {
              const terminal = main().find((widget) => kinds(widget) === "terminal" && widget.isVisible);
              const place = terminal ? { ref: terminal.id, mode: "split-top" } : { mode: "split-right" };
              shell.add(panel, "main", { ...place, activate: false });
            }
            shell.activateById(panel.id);
          },
        });
        for (const name of ["show", "next-part", "part-before"]) {
          palette?.addItem({ command: `${NAME}:${name}`, category: "Containers, Unpacked" });
        }

        // A document that opens where the desk or the terminal is would cover it: it goes to the other documents.
        shell.currentChanged?.connect((_, { newValue: opened }) => {
          if (!opened || kinds(opened) !== "document") return;
          const areas = (area) =>
            !area ? [] : area.type === "tab-area" ? [area.widgets] : area.children.flatMap(areas);
          const all = areas(shell.saveLayout().mainArea?.dock?.main);
          const aside = (area) => area.some((widget) => ["desk", "terminal"].includes(kinds(widget)));
          const mine = all.find((area) => area.includes(opened));
          if (!mine || !aside(mine)) return;
          const home = all.filter((area) => !aside(area)).flat().find((widget) => kinds(widget) === "document");
          const place = home ? { ref: home.id, mode: "tab-after" } : { mode: "split-left" };
          shell.add(opened, "main", place);
          shell.activateById(opened.id);
        });
      },
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: async (given) => {
      scope = given;
    },
    get: async (name) => {
      if (name !== "./extension") return () => ({});
      const made = await plugin();
      return () => ({ __esModule: true, default: made });
    },
  };
})();
