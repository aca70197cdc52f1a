// A container's life: the picture, a button for each command, and what each did. Words are set as text, never as HTML.
// A command that is impossible keeps its button in the tab order, so that its reason can be read: aria-disabled.

// The focused element itself must carry this, or JupyterLab takes its keys for commands (b inserts a cell).
const keepKeys = (element) => element.setAttribute("data-lm-suppress-shortcuts", "true");
let number = 0;

function make(name, style, parent) {
  const element = document.createElement(name);
  element.className = style;
  parent.append(element);
  return element;
}

function render({ model, el }) {
  const own = `cu-life-${++number}`;
  const card = make("div", "cu-life", el);
  const picture = make("img", "cu-life-picture", card);
  const group = make("div", "cu-life-buttons", card);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", `Commands for the container ${model.get("name")}`);
  const said = make("div", "cu-life-said", card);
  said.setAttribute("role", "status");
  said.setAttribute("aria-live", "polite");

  const places = model.get("buttons").map((one) => {
    const place = make("div", "cu-life-place", group);
    const button = make("button", "cu-life-button", place);
    button.type = "button";
    button.textContent = one.verb;
    keepKeys(button);
    const why = make("span", "cu-life-why", place);
    why.id = `${own}-${one.verb}`;
    button.setAttribute("aria-describedby", why.id);
    button.addEventListener("click", () => press(one.verb));
    return { button, why };
  });

  function press(verb) {
    const one = model.get("buttons").find((button) => button.verb === verb);
    if (model.get("busy")) return;
    if (!one.possible) {
      say([`${verb} is not possible now: ${one.why}.`, ...model.get("said")]);
      return;
    }
    say([`docker ${verb === "remove" ? "rm" : verb} …`, ...model.get("said")]);
    model.send({ verb });
  }

  function say(lines) {
    said.replaceChildren();
    lines.slice(0, 6).forEach((line, at) => {
      make("p", at ? "cu-life-older" : "cu-life-newest", said).textContent = line;
    });
  }

  function draw() {
    picture.src = model.get("picture");
    picture.alt = model.get("alt");
    const busy = model.get("busy");
    model.get("buttons").forEach((one, at) => {
      const { button, why } = places[at];
      const possible = one.possible && !busy;
      button.setAttribute("aria-disabled", String(!possible));
      why.textContent = one.possible ? "" : one.why;
    });
  }

  function told() {
    const lines = model.get("said");
    say(lines.length ? lines : ["Choose a command. Arrow keys move, Enter presses."]);
  }

  const buttons = places.map((place) => place.button);
  group.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target.closest("button"));
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = buttons.length - 1;
    const next = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      ArrowDown: at + 4 > last ? at % 4 : at + 4,
      ArrowUp: at - 4 < 0 ? at + 4 : at - 4,
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[next].focus();
  });

  model.on("change:picture", draw);
  model.on("change:buttons", draw);
  model.on("change:busy", draw);
  model.on("change:said", told);
  draw();
  told();
  return () => {
    for (const name of ["picture", "buttons", "busy"]) model.off(`change:${name}`, draw);
    model.off("change:said", told);
  };
}

export default { render };
