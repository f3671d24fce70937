// What a script adds: the values along a line, by pointer or keys, and tables whose rows can be filtered.
// Everything is on the pages without it; nothing is remembered and nothing is sent.
"use strict";

for (const figure of document.querySelectorAll("figure.trend")) {
  const slider = figure.querySelector(".reader input");
  const output = figure.querySelector(".reader output");
  const table = figure.querySelector("table");
  if (!slider || !output || !table || figure.querySelector("svg.empty")) continue;
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows];
  const lines = [...figure.querySelectorAll("svg[data-left]")].map((svg) => {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    const { height } = svg.viewBox.baseVal;
    line.setAttribute("class", "r");
    line.setAttribute("y1", "10");
    line.setAttribute("y2", String(height - 26));
    svg.append(line);
    return { svg, line, left: Number(svg.dataset.left), right: Number(svg.dataset.right) };
  });

  const place = (at, { left, right }) => left + ((right - left) * at) / Math.max(1, rows.length - 1);

  const show = (at) => {
    const cells = [...rows[at].cells].map((cell) => cell.textContent.trim());
    const parts = cells.slice(1).map((text, n) => (text ? `${heads[n + 1]}: ${text}` : ""));
    output.textContent = [cells[0], ...parts.filter(Boolean)].join(" · ");
    slider.setAttribute("aria-valuetext", output.textContent);
    for (const each of lines) {
      const x = place(at, each).toFixed(0);
      each.line.setAttribute("x1", x);
      each.line.setAttribute("x2", x);
    }
  };

  slider.addEventListener("input", () => show(Number(slider.value)));
  for (const each of lines) {
    each.svg.addEventListener("pointermove", (event) => {
      const box = each.svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * each.svg.viewBox.baseVal.width;
      const part = (x - each.left) / (each.right - each.left);
      const at = Math.round(Math.min(1, Math.max(0, part)) * (rows.length - 1));
      slider.value = String(at);
      show(at);
    });
  }
  show(rows.length - 1);
}

for (const filter of document.querySelectorAll(".filter")) {
  const input = filter.querySelector("input");
  const output = filter.querySelector("output");
  const table = filter.nextElementSibling?.querySelector("table");
  if (!input || !output || !table) continue;
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => !row.matches(".head"));
  input.addEventListener("input", () => {
    const wanted = input.value.toLocaleLowerCase(document.documentElement.lang);
    const shown = rows.filter((row) => {
      row.hidden = !row.textContent.toLocaleLowerCase(document.documentElement.lang).includes(wanted);
      return !row.hidden;
    });
    output.textContent = wanted ? `${shown.length} / ${rows.length}` : "";
  });
}

// What is folded on a screen is open on paper.
const folded = [];
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not([open])")) {
    details.open = true;
    folded.push(details);
  }
});
addEventListener("afterprint", () => {
  for (const details of folded.splice(0)) details.open = false;
});
