"use strict";
(function () {
  var at = function (id) { return document.getElementById(id); };
  var root = document.documentElement, sets = null, marks = null, shown = null, back = null;
  root.className = "live";

  // Money is added up in whole units of its last decimal: the browser's own numbers would lose cents.
  function whole(text, scale) {
    var minus = text[0] === "-", parts = text.replace("-", "").split("."), rest = (parts[1] || "");
    var units = BigInt(parts[0] + (rest + "0".repeat(scale)).slice(0, Math.max(scale, 0)));
    return minus ? -units : units;
  }
  function decimal(units, scale) {
    var minus = units < 0n, digits = String(minus ? -units : units).padStart(scale + 1, "0");
    var cut = digits.length - scale, rest = digits.slice(cut).replace(/0+$/, "");
    return (minus ? "-" : "") + digits.slice(0, cut) + (rest ? "." + rest : "");
  }
  function people(text) {
    var minus = text[0] === "-", parts = text.replace("-", "").split(".");
    return (minus ? "−" : "") + parts[0].replace(/\B(?=(\d{3})+$)/g, ",") + "." + ((parts[1] || "") + "00").slice(0, Math.max(2, (parts[1] || "").length));
  }

  function open(told) {
    Object.keys(told).forEach(function (name) {
      var set = told[name];
      if (!set.c) return;
      set.names = Object.keys(set.c).filter(function (key) { return !set.c[key].r; });
      set.read = {};
      set.place = {};
      // The sum that a line is part of comes first: the places of other columns are found by it.
      Object.keys(set.c).forEach(function (key) {
        var c = set.c[key], sum = 0, at = 0, by = set.place[c.by];
        if (c.d) c.v = c.d.map(function (step) { return step === null ? null : sum += step; });
        if (c.r) { c.v = new Uint32Array(set.n); c.r.forEach(function (count, nth) { c.v.fill(nth, at, at += count); }); }
        set.place[key] = !by ? function (i) { return c.v[i]; } : c.v ? function (i) { return c.v[by(i)]; } : by;
        set.read[key] = c.s !== undefined ? function (i) { return c.v[i] === null ? null : decimal(BigInt(c.v[i]), c.s); }
          : c.w ? function (i) { return c.w[set.place[key](i)]; } : set.place[key];
      });
    });
    return told;
  }
  async function unpacked(id) {
    var text = atob(JSON.parse(at(id).textContent)), bytes = Uint8Array.from(text, function (c) { return c.charCodeAt(0); });
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }
  async function load() {
    await named;
    if (!sets) sets = open((await data()).sets);
    return sets;
  }
  function data() { return packed = packed || unpacked("data"); }
  // A number alone does not say to a screen reader what it is. The rows are unpacked only when they are asked for.
  var packed = null, named = (at("proofs") ? unpacked("proofs") : data().then(function (told) { return told.marks; })).then(function (told) {
    marks = told;
    document.querySelectorAll("button[data-m]").forEach(function (mark) { mark.setAttribute("aria-label", marks[mark.dataset.m][4]); });
  });

  // On a phone a table of many words becomes cards: what a cell is called stands beside it, and tells it to a screen reader still.
  document.querySelectorAll(".scroll table").forEach(function (table) {
    var heads = Array.from(table.querySelectorAll("thead th"), function (th) { return th.querySelector(".vh") ? "" : th.textContent.trim(); });
    var words = table.querySelectorAll("thead th:not(.n)").length;
    if (words < 3 || (words < 4 && heads.length < 5)) { if (heads.length < 8) return; }
    table.className += " cards";
    table.setAttribute("role", "table");
    table.querySelectorAll("thead, tbody, tfoot").forEach(function (part) { part.setAttribute("role", "rowgroup"); });
    Array.from(table.rows).forEach(function (row) {
      var at = 0;
      row.setAttribute("role", "row");
      Array.from(row.cells).forEach(function (cell) {
        var isHead = cell.tagName === "TH", isRow = cell.scope !== "col";
        cell.setAttribute("role", isHead ? isRow ? "rowheader" : "columnheader" : "cell");
        var only = cell.childElementCount === 1 && cell.firstElementChild.className === "vh" && cell.firstElementChild.textContent;
        if (!isHead && cell.childNodes.length && cell.textContent.trim() !== only) cell.dataset.label = heads[at];
        at += cell.colSpan;
      });
    });
  });

  function chosen(part) {
    // Texts are compared once a word and not once a row.
    var set = sets[part[0]], found = [], tests = Object.keys(part[2]).map(function (key) {
      var wanted = [].concat(part[2][key]), words = set.c[key].w, at = words ? set.place[key] : set.read[key];
      var ok = words && words.map(function (word) { return wanted.indexOf(word) >= 0; });
      return ok ? function (i) { return ok[at(i)]; } : function (i) { return wanted.indexOf(at(i)) >= 0; };
    });
    for (var i = 0; i < set.n; i++) {
      if (tests.every(function (test) { return test(i); })) found.push(i);
    }
    return found;
  }
  function added(set, key, rows) {
    var c = set.c[key], sum = 0n, small = 0;
    rows.forEach(function (i) {
      var v = c.v[i];
      if (typeof v === "string" || Math.abs(v) > 2e15) sum += BigInt(v);
      else if (Math.abs(small += v) > 2e15) { sum += BigInt(small); small = 0; }
    });
    return sum + BigInt(small);
  }
  function lines(set, rows) { return set.sums ? Number(added(set, "row_count", rows)) : rows.length; }
  function scaleOf(part) { var c = part[1] && sets[part[0]].c[part[1]]; return c && c.s || 0; }
  function measure(part, scale) {
    var rows = chosen(part), set = sets[part[0]], c = set.c[part[1]], sum = 0n;
    if (part[1] === null) sum = whole(String(lines(set, rows)), scale);
    else if (c.s !== undefined || c.d) sum = added(set, part[1], rows) * 10n ** BigInt(scale - (c.s || 0));
    else rows.forEach(function (i) { var v = set.read[part[1]](i); if (v !== null) sum += whole(String(v), scale); });
    return { rows: rows, sum: part[3] < 0 ? -sum : sum };
  }
  function proof(kind, parts, value) {
    if (parts.some(function (p) { return !sets[p[0]].c; })) return null;
    var scale = Math.max.apply(null, parts.map(scaleOf).concat(kind === "record" || kind === "ratio" ? [0] : [(value.split(".")[1] || "").length]));
    var done = parts.map(function (p) { return kind === "record" ? { rows: chosen(p), sum: 0n } : measure(p, scale); });
    var n = done.reduce(function (sum, d, nth) { return sum + lines(sets[parts[nth][0]], d.rows); }, 0);
    if (kind === "record") {
      var v = done[0].rows.length === 1 ? sets[parts[0][0]].read[parts[0][1]](done[0].rows[0]) : undefined;
      return { ok: String(v) === value, done: done, n: n, scale: scale };
    }
    if (kind === "ratio") {
      var ratio = Number(done[0].sum) / Number(done[1].sum);
      return { ok: Math.abs(ratio - Number(value)) < 1e-9, done: done, n: n, scale: scale };
    }
    var total = done.reduce(function (sum, d) { return sum + d.sum; }, 0n), off = total - whole(value, scale);
    return { ok: off === 0n, off: off, total: total, done: done, n: n, scale: scale };
  }

  function literal(v) { return v === null ? "null" : typeof v === "string" ? "'" + v.replace(/'/g, "''") + "'" : String(v); }
  function sqlOf(part) {
    var where = Object.keys(part[2]).map(function (key) {
      var w = part[2][key];
      return Array.isArray(w) ? key + " in (" + w.map(literal).join(", ") + ")" : key + " is not distinct from " + literal(w);
    });
    return "select * from (\n" + sets[part[0]].sql + "\n)" + (where.length ? "\nwhere " + where.join(" and ") : "");
  }
  function make(tag, text, kind) {
    var node = document.createElement(tag);
    if (text !== undefined && text !== null) node.textContent = text;
    if (kind) node.className = kind;
    return node;
  }
  function rowsText(n) { return n.toLocaleString("en-US") + (n === 1 ? " row" : " rows"); }
  function sumsText(parts) {
    return parts.some(function (p) { return sets[p[0]].sums; }) ? " The page holds them added up: each line below is a sum, and the SQL shows every row." : "";
  }
  function sentence(kind, told, parts, value) {
    if (!told) return "There are too many rows to carry them in this page. The SQL below shows them.";
    if (kind === "count") return rowsText(told.n) + ". " + (told.ok ? "Equals the figure." : "Differs from the figure.");
    if (kind === "record") return told.ok ? "One record says so." : "The record says something else.";
    if (kind === "ratio") return people(decimal(told.done[0].sum, told.scale)) + " of " + people(decimal(told.done[1].sum, told.scale)) + ", from " + rowsText(told.n) + ". " + (told.ok ? "Equals the figure." : "Differs from the figure.");
    var inner = parts.length > 1 && parts.length < 4 ? " (" + told.done.map(function (d) { return people(decimal(d.sum, told.scale)); }).join(" and ") + ")" : "";
    return rowsText(told.n) + ", together " + people(decimal(told.total, told.scale)) + inner + ". " + (told.ok ? "Equals the figure, difference 0.00." : "Differs from the figure by " + people(decimal(told.off, told.scale)) + ".") + sumsText(parts);
  }
  function tables(told, parts) {
    var home = at("tables"), done = [];
    home.replaceChildren();
    parts.forEach(function (part, nth) {
      if (!told || done.indexOf(part[0]) >= 0) return;
      done.push(part[0]);
      var set = sets[part[0]], rows = [], seen = new Set();
      parts.forEach(function (other, at) {
        if (other[0] === part[0]) told.done[at].rows.forEach(function (i) { if (!seen.has(i)) { seen.add(i); rows.push(i); } });
      });
      var money = set.names.filter(function (key) { return set.c[key].s !== undefined; });
      // When and how much come first: on a phone the rest is beside the window. Where it stands comes last.
      var rank = function (key) { return key === "month" ? 0 : money.indexOf(key) >= 0 ? 1 : /^source/.test(key) ? 3 : 2; };
      var names = set.names.filter(function (key) { return rows.some(function (i) { return set.read[key](i) !== null; }) && !/^(is_.*|.*_id)$/.test(key); })
        .sort(function (a, b) { return rank(a) - rank(b); });
      var table = make("table"), head = make("tr"), body = make("tbody");
      names.forEach(function (key) { var th = make("th", key.replace(/_/g, " "), money.indexOf(key) >= 0 ? "n" : ""); th.scope = "col"; head.append(th); });
      var top = make("thead");
      top.append(head);
      rows.slice(0, 400).forEach(function (i) {
        var line = make("tr");
        names.forEach(function (key) {
          var v = set.read[key](i), isMoney = money.indexOf(key) >= 0;
          line.append(make("td", v === null ? "" : isMoney ? people(v) : v, isMoney ? "n" : ""));
        });
        body.append(line);
      });
      if (rows.length > 400) { var more = make("tr"), cell = make("td", rowsText(rows.length - 400) + " more are in the CSV."); cell.colSpan = names.length; more.append(cell); body.append(more); }
      table.append(top, body);
      home.append(table);
      shown.tables.push({ set: set, rows: rows });
    });
  }
  async function show(mark) {
    await load();
    var about = marks[mark.dataset.m], kind = about[0], value = about[2], parts = about[3], told = proof(kind, parts, value);
    shown = { tables: [], name: about[1] };
    back = mark;
    at("rows-title").textContent = about[4];
    at("tie-line").textContent = sentence(kind, told, parts, value);
    at("tie-line").className = told && !told.ok ? "adv-t" : "";
    tables(told, parts);
    at("rows-sql").textContent = parts.map(sqlOf).join(";\n\n");
    at("csv").disabled = !told;
    at("rows").showModal();
    at("close").focus();
  }

  // A spreadsheet takes a text that begins like this for a formula.
  function cell(v) {
    var text = v === null || v === undefined ? "" : String(v);
    if (/^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)) text = "'" + text;
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }
  function csv() {
    var lines = [];
    shown.tables.forEach(function (t) {
      lines.push(t.set.names.map(cell).join(","));
      t.rows.forEach(function (i) { lines.push(t.set.names.map(function (key) { return cell(t.set.read[key](i)); }).join(",")); });
    });
    return "\ufeff" + lines.join("\r\n") + "\r\n";
  }

  document.addEventListener("click", function (event) {
    var mark = event.target.closest && event.target.closest("[data-m]");
    if (mark) { event.preventDefault(); show(mark); }
  });
  document.addEventListener("keydown", function (event) {
    var mark = event.target.closest && event.target.closest("a.m");
    if (mark && event.key === " ") { event.preventDefault(); show(mark); }
  });
  at("close").onclick = function () { at("rows").close(); };
  at("rows").addEventListener("close", function () { if (back) back.focus(); });
  at("rows").addEventListener("click", function (event) { if (event.target === at("rows")) at("rows").close(); });
  at("csv").onclick = function () {
    var link = make("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    link.download = shown.name + ".csv";
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  };
  at("copy").onclick = function () {
    var button = this;
    if (navigator.clipboard) navigator.clipboard.writeText(at("rows-sql").textContent).then(function () { button.textContent = "Copied"; }, function () {});
  };
  at("print").onclick = function () { window.print(); };
  function isDark() { return (root.dataset.theme || (matchMedia("(prefers-color-scheme:dark)").matches ? "dark" : "light")) === "dark"; }
  function theme() { at("theme").textContent = isDark() ? "Light" : "Dark"; }
  theme();
  at("theme").onclick = function () { root.dataset.theme = isDark() ? "light" : "dark"; theme(); };

  // For tests: every mark that its rows do not prove, also where one amount of the ledger is another.
  window.unproven = async function (cents) {
    await load();
    if (cents) { var billed = sets.ledger.c.billed_amount; billed.v[7] = Number(billed.v[7]) + cents; }
    return Array.from(document.querySelectorAll("[data-m]")).filter(function (m) { var a = marks[m.dataset.m], p = proof(a[0], a[3], a[2]); return !p || !p.ok; })
      .map(function (m) { return marks[m.dataset.m][4]; });
  };
})();
