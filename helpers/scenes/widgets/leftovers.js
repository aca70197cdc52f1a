// What a learner made, a box for each, and a button that removes what is ticked. Words are set as text, never as HTML.

// The focused element itself must carry this, or JupyterLab takes its keys for commands (b inserts a cell).
const keepKeys = (element) => element.setAttribute("data-lm-suppress-shortcuts", "true");

function make(name, style, parent) {
  const element = document.createElement(name);
  element.className = style;
  parent.append(element);
  return element;
}

function render({ model, el }) {
  const card = make("div", "cu-left", el);
  const group = make("fieldset", "cu-left-rows", card);
  make("legend", "cu-left-title", group).textContent = "You made these yourself. Which of them should go?";
  const boxes = model.get("rows").map((row) => {
    const line = make("label", "cu-left-row", group);
    const box = make("input", "cu-left-box", line);
    box.type = "checkbox";
    box.checked = row.ticked;
    keepKeys(box);
    const words = make("span", "cu-left-words", line);
    words.textContent = row.words;
    return { box, words, line };
  });
  const button = make("button", "cu-left-button", card);
  button.type = "button";
  button.textContent = "Remove what is ticked";
  keepKeys(button);
  const said = make("div", "cu-left-said", card);
  said.setAttribute("role", "status");
  said.setAttribute("aria-live", "polite");

  button.addEventListener("click", () => {
    const ids = model.get("rows").filter((row, at) => boxes[at].box.checked && !row.gone).map((row) => row.id);
    said.textContent = ids.length ? "removing …" : "Nothing is ticked.";
    if (ids.length) model.send({ remove: ids });
  });

  function draw() {
    const rows = model.get("rows");
    rows.forEach((row, at) => {
      const { box, words, line } = boxes[at];
      box.disabled = row.gone;
      line.dataset.gone = String(row.gone);
      words.textContent = row.gone ? `${row.words}: removed` : row.words;
    });
    button.hidden = rows.every((row) => row.gone);
  }

  function told() {
    said.textContent = model.get("said");
  }

  model.on("change:rows", draw);
  model.on("change:said", told);
  draw();
  told();
  return () => {
    model.off("change:rows", draw);
    model.off("change:said", told);
  };
}

export default { render };
