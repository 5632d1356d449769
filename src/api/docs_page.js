"use strict";
// The page is whole without this.  It adds a search over the operations, and "try it": a form
// for each, which asks this server.  The key stays in this page's memory.
(() => {
  const nav = document.querySelector("nav");
  const search = document.getElementById("search");
  nav.classList.add("live");
  search.hidden = false;
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of nav.querySelectorAll("li")) {
      const at = document.getElementById(item.firstChild.hash.slice(1));
      const text = `${at.dataset.method} ${at.dataset.path} ${item.textContent}`.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
    }
  });

  let key = "";

  function field(form, name, value, isLong) {
    const label = document.createElement("label");
    const input = document.createElement(isLong ? "textarea" : "input");
    label.append(name, input);
    input.value = value;
    input.autocomplete = "off";
    input.spellcheck = false;
    form.append(label);
    return input;
  }

  async function ask(article, values, out) {
    let path = article.dataset.path;
    const query = new URLSearchParams();
    for (const [name, place, input] of values.parameters) {
      if (place === "path") path = path.replace(new RegExp(`\\{${name}[^}]*\\}`), input.value.split("/").map(encodeURIComponent).join("/"));
      else if (place === "query" && input.value) query.set(name, input.value);
    }
    const headers = key ? { Authorization: `Bearer ${key}` } : {};
    const body = values.body && values.body.value;
    if (body) headers["Content-Type"] = "application/json";
    const method = article.dataset.method;
    try {
      const answer = await fetch(path + (query.size ? `?${query}` : ""), { method, headers, body: body || undefined });
      let text = await answer.text();
      try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* it is no JSON */ }
      out.textContent = `${answer.status} ${answer.statusText}\n\n${text.slice(0, 200000)}`;
    } catch (e) {
      out.textContent = `no answer: ${e.message}`;
    }
  }

  function build(article, details) {
    const form = document.createElement("form");
    const out = document.createElement("pre");
    const values = { parameters: [] };
    const secret = field(form, "API key", key);
    secret.type = "password";
    for (const cell of article.querySelectorAll("h4 + .wide td:first-child")) {
      const [place] = (cell.querySelector("small")?.textContent ?? "").split(" ");
      const name = cell.querySelector("code").textContent;
      if (place === "path" || place === "query") values.parameters.push([name, place, field(form, name, "")]);
    }
    if (article.dataset.method !== "GET") {
      const body = [...article.querySelectorAll("h4")].find((h) => h.textContent.startsWith("Body"));
      let example = body && body.nextElementSibling;
      while (example && example.tagName !== "PRE" && example.tagName !== "H4") example = example.nextElementSibling;
      if (body) values.body = field(form, "Body", example?.tagName === "PRE" ? example.textContent : "", true);
    }
    const button = document.createElement("button");
    button.textContent = "Send";
    out.tabIndex = 0;
    out.setAttribute("aria-live", "polite");
    form.append(button, out);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      key = secret.value;
      ask(article, values, out);
    });
    details.append(form);
  }

  for (const article of document.querySelectorAll("article[data-path]")) {
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = "Try it";
    details.append(summary);
    details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) build(article, details); });
    article.append(details);
  }
})();
