// Sorting by a click on a column's head; without it the tables stand as they are written.

enum SortScript {
  static let text = """
    for (const table of document.querySelectorAll("table.sortable")) {
      const heads = [...table.tHead.rows[0].cells];
      heads.forEach((head, column) => {
        const label = head.firstElementChild, button = document.createElement("button");
        button.append(...label.childNodes);
        label.append(button);
        button.addEventListener("click", () => {
          const number = head.classList.contains("n");
          const down = head.ariaSort ? head.ariaSort === "ascending" : number;
          heads.forEach((other) => other.removeAttribute("aria-sort"));
          head.setAttribute("aria-sort", down ? "descending" : "ascending");
          const key = (row) => row.cells[column].textContent;
          const value = (row) => { const n = parseFloat(key(row)); return isNaN(n) ? -Infinity : n; };
          const order = number
            ? (a, b) => (value(a) > value(b)) - (value(a) < value(b))
            : (a, b) => key(a).localeCompare(key(b));
          for (const body of table.tBodies) {
            const rows = [...body.rows].filter((row) => row.className !== "group");
            body.append(...rows.sort((a, b) => (down ? -order(a, b) : order(a, b))));
          }
        });
      });
    }
    """
}
