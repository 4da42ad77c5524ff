"use strict";
// Without this script the tables are plain, and details are opened one by one.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  const original = [...body.rows];
  const value = (row, column) => row.cells[column].textContent.trim();
  const number = (text) => {
    const found = text.replace(/−/g, "-").match(/^[<>]?\s*[-+]?[\d.]+(e[-+]?\d+)?/i);
    return found ? parseFloat(found[0].replace(/^[<>]\s*/, "")) : NaN;
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const was = head.getAttribute("aria-sort");
      const next = { ascending: "descending", descending: null }[was];
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      if (next === null) {
        body.append(...original);
        return;
      }
      const sense = next === "descending" ? -1 : 1;
      head.setAttribute("aria-sort", next || "ascending");
      const numeric = head.classList.contains("n");
      const keyed = original.map((row) => {
        const text = value(row, column);
        return [numeric ? number(text) : text, row];
      });
      keyed.sort(([a], [b]) => {
        if (!numeric) return sense * a.localeCompare(b, "en", { numeric: true });
        // what is no number comes last either way
        if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
        return sense * (a - b);
      });
      body.append(...keyed.map(([, row]) => row));
    });
  });
}
// a link to a folded section opens it
const opened = () => {
  const part = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const folded = part && part.querySelector(":scope > details");
  if (folded) folded.open = true;
};
addEventListener("hashchange", opened);
opened();
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("details:not([open])")) {
    one.open = true;
    one.dataset.printed = "";
  }
});
addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll("details[data-printed]")) {
    one.open = false;
    delete one.dataset.printed;
  }
});
