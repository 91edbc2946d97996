// Draws the heat maps: only the cells in sight, on a canvas as large as its window. Rows follow the
// order and the filter of the ranking.

enum MapScript {
  static let element = HTML(markup: "<script>\n\(text)\n</script>")

  private static let text = """
    "use strict";
    (() => {
      const read = (id) => JSON.parse(document.getElementById(id).textContent);
      const models = read("models-data");
      const place = new Map(models.map(([name], i) => [name, i]));
      const wide = 13, high = 16, none = 0x7fff;
      for (const map of document.querySelectorAll(".map")) {
        const { columns, targets, groups, scores } = read(map.id + "-data");
        const bytes = Uint8Array.from(atob(scores), (c) => c.charCodeAt(0));
        const codes = new Uint16Array(bytes.length / 2);
        for (let i = 0; i < codes.length; i++) codes[i] = bytes[2 * i] | (bytes[2 * i + 1] << 8);
        const count = columns.length;
        const shade = (isOne) => {
          const steps = new Uint8Array(codes.length).fill(10);
          const fill = (from, step) => {
            const values = [];
            for (let i = from; i < codes.length; i += step) if ((codes[i] & none) !== none) values.push(codes[i] & none);
            const sorted = Uint16Array.from(values).sort();
            const rank = new Map();
            sorted.forEach((value, i) => { if (!rank.has(value)) rank.set(value, Math.floor(i * 10 / sorted.length)); });
            for (let i = from; i < codes.length; i += step) if ((codes[i] & none) !== none) steps[i] = rank.get(codes[i] & none);
          };
          if (isOne) fill(0, 1); else for (let c = 0; c < count; c++) fill(c, count);
          return steps;
        };
        let steps = shade(false), rows = models.map((_, i) => i), at = null, left = 190, top = 130, waiting = false;
        const canvas = map.querySelector("canvas"), field = map.firstElementChild;
        const said = document.getElementById(map.id + "-said"), hint = said.textContent;
        const pen = canvas.getContext("2d");
        const short = models.map(([name]) => name.slice(name.lastIndexOf("/") + 1));
        const layout = () => {
          left = Math.min(190, Math.round(map.clientWidth * .42));
          field.style.width = left + count * wide + 12 + "px";
          field.style.height = top + rows.length * high + 4 + "px";
          draw();
        };
        const paint = () => {
          waiting = false;
          const w = map.clientWidth, h = Math.min(map.clientHeight, top + rows.length * high + 4), ratio = devicePixelRatio || 1;
          if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
            canvas.width = Math.round(w * ratio); canvas.height = Math.round(h * ratio);
            canvas.style.width = w + "px"; canvas.style.height = h + "px";
          }
          const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(name).trim();
          const colours = Array.from({ length: 10 }, (_, i) => colour("--m" + i));
          const [paper, ink, quiet, accent] = ["--paper", "--ink", "--quiet", "--accent"].map(colour);
          const font = getComputedStyle(map).fontFamily;
          pen.setTransform(ratio, 0, 0, ratio, 0, 0);
          pen.fillStyle = paper; pen.fillRect(0, 0, w, h);
          const x0 = map.scrollLeft, y0 = map.scrollTop;
          const firstColumn = Math.floor(x0 / wide), lastColumn = Math.min(count, Math.ceil((x0 + w - left) / wide));
          const firstRow = Math.floor(y0 / high), lastRow = Math.min(rows.length, Math.ceil((y0 + h - top) / high));
          for (let r = firstRow; r < lastRow; r++) {
            for (let c = firstColumn; c < lastColumn; c++) {
              const step = steps[rows[r] * count + c];
              if (step > 9) continue;
              pen.fillStyle = colours[step];
              pen.fillRect(left + c * wide - x0, top + r * high - y0, wide - 1, high - 1);
            }
          }
          pen.fillStyle = paper; pen.fillRect(0, 0, left, h); pen.fillRect(0, 0, w, top);
          pen.textBaseline = "middle";
          for (let r = firstRow; r < lastRow; r++) {
            const y = top + r * high - y0 + high / 2;
            if (y < top) continue;
            const isHere = at && at[0] === r;
            pen.font = (isHere ? "600 " : "") + "12px " + font; pen.fillStyle = isHere ? accent : ink;
            let text = short[rows[r]];
            while (text.length > 4 && pen.measureText(text).width > left - 10) text = text.slice(0, -2).replace(/…?$/, "…");
            pen.fillText(text, 2, y);
          }
          let group = 0, end = groups.length ? groups[0][1] : 0;
          for (let c = 0; c < lastColumn; c++) {
            if (groups.length && c >= end) { group += 1; end += groups[group][1]; }
            const x = left + c * wide - x0 + wide / 2;
            if (c < firstColumn || x < left) continue;
            const isHere = at && at[1] === c;
            pen.save();
            pen.translate(x, top - 6); pen.rotate(-Math.PI / 2);
            pen.font = (isHere ? "600 " : "") + "11px " + font; pen.fillStyle = isHere ? accent : group % 2 ? quiet : ink;
            let text = columns[c];
            while (text.length > 4 && pen.measureText(text).width > top - 10) text = text.slice(0, -2).replace(/…?$/, "…");
            pen.fillText(text, 0, 0);
            pen.restore();
          }
          if (at) {
            const x = left + at[1] * wide - x0, y = top + at[0] * high - y0;
            if (x >= left - wide && y >= top - high) { pen.strokeStyle = ink; pen.lineWidth = 2; pen.strokeRect(x - .5, y - .5, wide, high); }
          }
        };
        const draw = () => { if (!waiting) { waiting = true; requestAnimationFrame(paint); } };
        const say = () => {
          if (!at) { said.textContent = hint; return; }
          const [r, c] = at, code = codes[rows[r] * count + c], points = code & none;
          let first = 0, name = "";
          for (const [group, size] of groups) { if (c < first + size) { name = " (" + group + ")"; break; } first += size; }
          said.textContent = models[rows[r]][0] + ", " + columns[c] + name + ": "
            + (points === none ? "no score" : ((points - 10000) / 100).toFixed(2) + (code & 0x8000 ? ", partial" : ""));
        };
        const put = (cell) => {
          if (String(cell) === String(at)) return;
          at = cell; say(); draw();
        };
        const find = (event) => {
          const box = map.getBoundingClientRect(), x = event.clientX - box.left - map.clientLeft, y = event.clientY - box.top - map.clientTop;
          const r = y < top ? -1 : Math.floor((y - top + map.scrollTop) / high), c = x < left ? -1 : Math.floor((x - left + map.scrollLeft) / wide);
          return [r < rows.length ? r : -1, c < count ? c : -1];
        };
        map.addEventListener("pointermove", (event) => { const [r, c] = find(event); put(r >= 0 && c >= 0 ? [r, c] : null); });
        map.addEventListener("pointerleave", () => put(null));
        map.addEventListener("scroll", draw, { passive: true });
        map.addEventListener("click", (event) => {
          const [r, c] = find(event);
          if (r >= 0 && c < 0) location.href = models[rows[r]][1];
          else if (r < 0 && c >= 0 && targets[c]) location.href = targets[c];
        });
        map.addEventListener("keydown", (event) => {
          const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-20, 0], PageDown: [20, 0] }[event.key];
          if (event.key === "Escape") { put(null); return; }
          if (event.key === "Enter" && at) { location.href = models[rows[at[0]]][1]; return; }
          if (!step || !rows.length) return;
          event.preventDefault();
          const [r, c] = at ? [at[0] + step[0], at[1] + step[1]] : [0, 0];
          put([Math.max(0, Math.min(rows.length - 1, r)), Math.max(0, Math.min(count - 1, c))]);
          const x = at[1] * wide, y = at[0] * high;
          if (x < map.scrollLeft) map.scrollLeft = x;
          if (x + wide > map.scrollLeft + map.clientWidth - left) map.scrollLeft = x + wide - map.clientWidth + left;
          if (y < map.scrollTop) map.scrollTop = y;
          if (y + high > map.scrollTop + map.clientHeight - top) map.scrollTop = y + high - map.clientHeight + top;
        });
        const tools = map.previousElementSibling;
        tools.hidden = false;
        tools.querySelector("input").addEventListener("change", (event) => { steps = shade(event.target.checked); draw(); });
        document.addEventListener("borda:view", (event) => {
          rows = event.detail.map((name) => place.get(name)).filter((i) => i !== undefined);
          at = null; say(); layout();
        });
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
        new ResizeObserver(() => requestAnimationFrame(layout)).observe(map);
      }
    })();
    """
}
