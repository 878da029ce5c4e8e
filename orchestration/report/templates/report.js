/* What a page does once it is loaded: draws charts, shows where a number comes from, gives CSV, changes
   the theme, searches the dictionary. It reads only the JSON of its own page and asks no network. */
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);

  // Vega turns days into numbers where an axis needs them: their text stays beside them for tooltips.
  function objects(held) {
    const numbers = new Set(held.numbers);
    return held.rows.map((row) => {
      const item = {};
      held.columns.forEach((name, at) => {
        const value = row[at];
        item[name] = value === null ? null : numbers.has(name) ? Number(value)
          : value === "True" ? true : value === "False" ? false : value;
        if (/_(date|at)$/.test(name)) item[name + "_text"] = value;
      });
      return item;
    });
  }

  // The releases that a row rests on, by its trace: what a tooltip says of a row that names no single one.
  function releases(figure, row) {
    const names = (figure.traces[row] || []).map((each) => data.cells[each[1]].release);
    const held = [...new Set(names)].sort();
    if (held.length < 4) return held.join(", ") || null;
    // A run of each source, which names its releases by day.
    const source = (name) => name.split("/")[0];
    const runs = [...new Set(held.map(source))].map((each) => held.filter((name) => source(name) === each));
    return runs.map((run) => run.length === 1 ? run[0] : run.length + ", from " + run[0] + " to " + run.at(-1)).join("; ");
  }

  // Tooltips are HTML: a value of a source must stay text. A null is a middle dot and a code is words, as in the tables.
  function shown(value) {
    const code = String(value);
    const text = /^(usd|cny)$/.test(code) ? code.toUpperCase()
      : /^[a-z0-9]+(_[a-z0-9]+)+$/.test(code) ? code.replaceAll("_", " ") : code;
    return text === "null" ? "·" : text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  }

  function add(parent, tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    parent.append(made);
    return made;
  }

  async function draw(place) {
    const id = place.dataset.chart;
    const figure = data.figures[id];
    const spec = structuredClone(figure.spec);
    // A wide chart has room for long labels. Names in a legend do not break: on a phone they stand below each other.
    spec.config.axis.labelLimit = Math.max(spec.config.axis.labelLimit, 0.36 * place.clientWidth);
    if (place.clientWidth < 420) {
      spec.config.legend.columns = 1;
      spec.config.axis.labelLimit = 0.46 * place.clientWidth;
    }
    // Only the figure's own rows have a trace, or a claim's picture that of its card.
    const parent = figure.parent;
    spec.datasets = {
      rows: objects(figure).map((item, at) => ({ ...item, _row: parent ? parent[1] : at, _release: releases(figure, at) })),
    };
    for (const [name, held] of Object.entries(figure.more)) spec.datasets[name] = objects(held);
    // The place says in words what the chart shows; Vega's own roles and labels stay below it, unread.
    const plot = add(place, "div", undefined, "plot");
    plot.setAttribute("aria-hidden", "true");
    const { view } = await vegaEmbed(plot, spec, { renderer: "svg", actions: false, tooltip: { theme: "custom", sanitize: shown } });
    place.view = view;
    if (figure.traces.length || parent) {
      view.addEventListener("click", (event, item) => {
        const row = item && item.datum && item.datum._row;
        if (row !== undefined && !["line", "area"].includes(item.mark.marktype)) openTrace(parent ? parent[0] : id, row);
      });
    }
  }

  function pairs(parent, entries) {
    const list = add(parent, "dl", undefined, "record");
    for (const [name, value] of entries) {
      const line = add(list, "div");
      add(line, "dt", name);
      add(line, "dd", value);
    }
  }

  function openTrace(id, row) {
    const figure = data.figures[id];
    const body = document.getElementById("trace-body");
    body.replaceChildren();
    const values = figure.columns.map((name, at) => [name, figure.rows[row][at]]).filter((pair) => pair[1] !== null);
    const named = Object.fromEntries(values);
    const found = figure.traces[row] || [];
    add(body, "h3", found.length === 1 ? "Its source cell" : "Its " + found.length + " source cells");
    if (!found.length) add(body, "p", "This row rests on no single cell.");
    for (const [role, at] of found) {
      const cell = data.cells[at];
      const box = add(body, "section", undefined, "cell");
      add(box, "h4", data.roles[role]);
      add(box, "p", cell.path + ", line " + cell.line + (cell.column ? ", column " + cell.column : ""), "place");
      add(box, "p", "release " + cell.release + " of " + cell.day + ", sha256 " + cell.sha256.slice(0, 16) + "…", "note");
      for (const said of cell.corrections) add(box, "p", said, "note");
      if (cell.record.length) pairs(box, data.headers[cell.header].map((name, at) => [name, cell.record[at]]));
      else add(box, "p", "The record is not shown: no text file, or its bytes changed since it was loaded.", "note");
    }
    add(body, "h3", "The row, marts." + figure.table);
    pairs(body, values);
    add(body, "h3", "The same in a terminal");
    const quoted = figure.keys.filter((key) => key in named).map((key) => {
      const part = key + "=" + named[key];
      return /^[\w=.:,\/-]+$/.test(part) ? part : "'" + part.replaceAll("'", "'\\''") + "'";
    });
    const command = add(body, "pre", "chipledger trace " + figure.table + " " + quoted.join(" "));
    command.tabIndex = 0;
    const dialog = document.getElementById("trace");
    dialog.showModal();
    dialog.scrollTop = 0;
  }

  function csv(figure) {
    const quote = (value) => value === null ? "" : /[",\r\n]/.test(value) ? '"' + value.replaceAll('"', '""') + '"' : value;
    return [figure.columns, ...figure.rows].map((row) => row.map(quote).join(",") + "\n").join("");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.trace) openTrace(button.dataset.trace, Number(button.dataset.row));
    if (button.dataset.csv) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([csv(data.figures[button.dataset.csv])], { type: "text/csv" }));
      link.download = button.dataset.csv + ".csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }
  });
  document.getElementById("trace").addEventListener("click", (event) => {
    if (event.target.id === "trace") event.target.close();
  });

  const theme = document.getElementById("theme");
  const isDark = () => (document.documentElement.dataset.theme ||
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const say = () => {
    theme.setAttribute("aria-pressed", String(isDark()));
    theme.textContent = isDark() ? "Light" : "Dark";
  };
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", document.documentElement.dataset.theme); } catch (e) { /* private mode */ }
    say();
  });
  say();

  const find = document.getElementById("find");
  if (find) {
    const tables = [...document.querySelectorAll(".definition")].map((section) => ({
      section, name: section.querySelector("h3").textContent, fold: section.querySelector("details"),
      rows: [...section.querySelectorAll("tbody tr")].map((row) => [row, row.textContent.toLowerCase()]),
    }));
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      let columns = 0;
      for (const { section, name, fold, rows } of tables) {
        const whole = name.includes(wanted);
        let shown = 0;
        for (const [row, words] of rows) {
          row.hidden = !(whole || words.includes(wanted));
          shown += row.hidden ? 0 : 1;
        }
        section.hidden = shown === 0;
        fold.open = wanted !== "" && shown > 0;
        columns += shown;
      }
      document.getElementById("found").textContent = wanted ? columns + " columns" : "";
    });
  }

  // Paper is narrower than most screens: charts are drawn for it, so that their words keep their size.
  const paper = (place) => place.closest(".row, .claims") ? 290 : 640;
  function fit(width) {
    for (const place of document.querySelectorAll("[data-chart]")) {
      if (place.view) place.view.width(width(place)).run();
    }
  }
  addEventListener("beforeprint", () => fit((place) => Math.min(paper(place), place.clientWidth)));
  addEventListener("afterprint", () => fit((place) => place.clientWidth));

  Promise.all([...document.querySelectorAll("[data-chart]")].map(draw)).then(() => {
    document.documentElement.dataset.drawn = "yes";
  });
})();
