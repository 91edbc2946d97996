// What tables do by themselves: sorting by a button in a column's head, and hiding models that the
// filter leaves out. Without a script the tables stand as they are written.

enum TableScript {
  static let text = """
    "use strict";
    (() => {
      const state = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
      const remember = () => history.replaceState(null, "", "#" + state);
      const tables = [...document.querySelectorAll("table")];
      const sorters = new Map();
      const tell = () => {
        const rows = ranked ? [...ranked.tBodies[0].rows].filter((row) => !row.hidden) : [];
        const detail = rows.map((row) => row.querySelector("th").textContent);
        document.dispatchEvent(new CustomEvent("borda:view", { detail }));
      };
      for (const table of tables.filter((table) => table.matches(".sortable"))) {
        const heads = [...table.tHead.rows[0].cells];
        const sort = (column, down) => {
          const head = heads[column], number = head.classList.contains("n");
          heads.forEach((other) => other.removeAttribute("aria-sort"));
          head.setAttribute("aria-sort", down ? "descending" : "ascending");
          const key = (row) => {
            const text = row.cells[column].textContent;
            if (!number) return text;
            const value = parseFloat(text);
            return isNaN(value) ? -Infinity : value;
          };
          const order = number ? (a, b) => (a > b) - (a < b) : new Intl.Collator("en").compare;
          for (const body of table.tBodies) {
            const rows = [...body.rows].filter((row) => row.className !== "group");
            const keyed = rows.map((row) => [key(row), row]);
            keyed.sort(([a], [b]) => (down ? -order(a, b) : order(a, b)));
            body.append(...keyed.map(([, row]) => row));
          }
        };
        sorters.set(table, sort);
        heads.forEach((head, column) => {
          if (head.classList.contains("p")) return;
          const label = head.firstElementChild, link = label.querySelector("a");
          const button = document.createElement("button");
          button.type = "button";
          if (link) {
            button.className = "beside";
            button.setAttribute("aria-label", "Sort by " + link.textContent);
          } else {
            button.append(...label.childNodes);
          }
          label.append(button);
          button.addEventListener("click", () => {
            const down = head.hasAttribute("aria-sort") ? head.getAttribute("aria-sort") === "ascending" : head.matches(".n") && !/^(Rank|Group)/.test(button.textContent);
            sort(column, down);
            if (table === ranked) {
              state.set("sort", column + (down ? "d" : "a"));
              remember();
              tell();
            }
          });
        });
      }
      const form = document.querySelector("form.filter");
      const ranked = form && form.parentElement.querySelector("table.models");
      if (!ranked) return;
      const entries = tables.filter((table) => table.matches(".models")).flatMap((table) =>
        [...table.tBodies].flatMap((body) => [...body.rows].map((row) => {
          const name = row.querySelector("th");
          const organisation = name.querySelector("small");
          return {
            row, counts: table === ranked, text: name.textContent.toLowerCase(),
            organisation: organisation ? organisation.textContent : "",
          };
        })));
      const part = new Set(entries.filter((entry) => entry.counts && entry.row.matches(".part")).map((entry) => entry.text));
      const { q, org, complete } = form.elements;
      const output = form.querySelector("output");
      const filter = () => {
        const words = q.value.toLowerCase().split(/\\s+/).filter(Boolean);
        let shown = 0, all = 0;
        for (const { row, counts, text, organisation } of entries) {
          const isShown = words.every((word) => text.includes(word))
            && (!org || !org.value || organisation === org.value)
            && (!complete || !complete.checked || !part.has(text));
          if (row.hidden === isShown) row.hidden = !isShown;
          if (counts) { all += 1; shown += isShown; }
        }
        output.textContent = shown + " of " + all;
        tell();
      };
      const changed = () => {
        const values = { q: q.value.trim(), org: org ? org.value : "", complete: complete && complete.checked ? "1" : "" };
        for (const [key, value] of Object.entries(values)) value ? state.set(key, value) : state.delete(key);
        remember();
        filter();
      };
      form.addEventListener("input", changed);
      form.addEventListener("submit", (event) => event.preventDefault());
      form.addEventListener("reset", () => setTimeout(changed));
      document.addEventListener("keydown", (event) => {
        if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.target.closest("input, select, textarea")) return;
        event.preventDefault();
        q.focus();
        q.select();
      });
      form.hidden = false;
      q.value = state.get("q") || "";
      if (org) org.value = state.get("org") || "";
      if (org && org.selectedIndex < 0) org.value = "";
      if (complete) complete.checked = state.get("complete") === "1";
      const [, column, direction] = /^(\\d+)([ad])$/.exec(state.get("sort") || "") || [];
      if (column && +column < ranked.tHead.rows[0].cells.length && sorters.has(ranked)) {
        sorters.get(ranked)(+column, direction === "d");
      }
      filter();
    })();
    """
}
