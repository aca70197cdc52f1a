// What questions share, put before their own code. Words are set as text, never as HTML.

// The focused element itself must carry this, or JupyterLab takes its keys for commands (b inserts a cell).
const keepKeys = (element) => element.setAttribute("data-lm-suppress-shortcuts", "true");

function make(name, style, parent) {
  const element = document.createElement(name);
  element.className = style;
  parent.append(element);
  return element;
}

// What stands between backticks is code.
function write(element, words) {
  const parts = words.split("`");
  const paired = parts.length % 2 === 1;
  if (!paired) {
    element.append(words);
    return;
  }
  parts.forEach((part, at) => {
    if (!part) return;
    if (at % 2) make("code", "", element).textContent = part;
    else element.append(part);
  });
}

// The card with the question, the lines to be read with it, and the prompt.
function ask(model, style, el) {
  const card = make("div", `cu-question ${style}`, el);
  write(make("p", "cu-question-asked", card), model.get("question"));
  if (model.get("output")) {
    const output = make("pre", "cu-question-output", card);
    output.textContent = model.get("output");
    output.tabIndex = 0; // it may be wider than the card, and is scrolled by keys, too
    keepKeys(output);
  }
  write(make("p", "cu-question-prompt", card), model.get("prompt"));
  return card;
}
