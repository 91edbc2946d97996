// How the page looks: one hue, quiet rules, numbers in columns; light, dark and on paper.

enum Stylesheet {
  static let text = """
    :root {
      color-scheme: light dark;
      --paper: #fdfdfc; --ink: #1c2226; --quiet: #5d6970; --rule: #e2e6e8; --band: #f3f5f5;
      --accent: #12657f; --bar: #a9cdd6;
      --h0: #f6faf9; --h1: #eaf4f3; --h2: #ddeeed; --h3: #cfe7e7; --h4: #c0e0e1;
      --h5: #b0d8db; --h6: #9fcfd4; --h7: #8dc5cc; --h8: #7abac4; --h9: #66aebb;
      --m0: #e6f1f0; --m1: #cfe5e5; --m2: #b6d8da; --m3: #9bcad0; --m4: #7fbbc4;
      --m5: #62aab7; --m6: #4797a8; --m7: #2f8297; --m8: #1b6b83; --m9: #0b516b;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #14181a; --ink: #e2e7e9; --quiet: #98a4aa; --rule: #2a3135; --band: #1b2023;
        --accent: #72c0d6; --bar: #2c5a68;
        --h0: #171d1f; --h1: #182426; --h2: #1a2b2e; --h3: #1b3237; --h4: #1c3a40;
        --h5: #1d4249; --h6: #1e4a53; --h7: #1f535d; --h8: #205c67; --h9: #216572;
        --m0: #1b2427; --m1: #1c3237; --m2: #1d4148; --m3: #1f515a; --m4: #23626d;
        --m5: #2b7582; --m6: #3a8b99; --m7: #55a3b1; --m8: #7cbfca; --m9: #aedfe6;
      }
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--paper); color: var(--ink);
      font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
      font-variant-numeric: tabular-nums lining-nums;
    }
    main { max-width: 92rem; margin: 0 auto; padding: clamp(1.25rem, 4vw, 3.5rem) clamp(1rem, 4vw, 3rem); }
    h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.4rem); line-height: 1.15; font-weight: 650; letter-spacing: -.015em; margin: 0 0 .5rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.2rem; font-weight: 650; letter-spacing: -.005em; margin: 0 0 .5rem; }
    p { margin: 0 0 .75rem; max-width: 46rem; }
    .lead { font-size: 1.1rem; color: var(--quiet); }
    .facts { color: var(--quiet); font-size: .9rem; max-width: none; }
    .facts span { display: inline-block; margin-right: 1.5rem; }
    .skip { position: absolute; left: -99rem; padding: .5rem 1rem; background: var(--paper); z-index: 5; }
    .skip:focus { left: .5rem; top: .5rem; outline: 2px solid var(--accent); }
    #content:focus { outline: 0; }
    nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: .6rem 0; margin: 1.25rem 0 0; border-block: 1px solid var(--rule); font-size: .9rem; }
    a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: 1px; }
    nav a, table a { text-decoration: none; }
    nav a:hover, table a:hover { text-decoration: underline; }
    tbody th a { color: inherit; } thead th a { color: inherit; }
    .ways { margin: 0 0 1.5rem; padding: 0 0 .6rem; border-top: 0; }
    .ways .prev { margin-left: auto; }
    .ways .up::before, .ways .prev::before { content: "\\2190\\00a0"; } .ways .next::after { content: "\\00a0\\2192"; }
    .ways .up + .next { margin-left: auto; }
    h1 small { font-weight: 400; font-size: .6em; }
    h1, tbody th { unicode-bidi: isolate; }
    section { margin: 2.75rem -4px 0; padding-inline: 4px; scroll-margin-top: 1rem; content-visibility: auto; contain-intrinsic-size: auto 50rem; }
    .note { color: var(--quiet); font-size: .85rem; margin-bottom: .35rem; }
    .scroll { overflow-x: auto; margin: .75rem 0; max-width: 100%; }
    .scroll:focus-visible, .map:focus-visible, a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    table { border-collapse: separate; border-spacing: 0; font-size: .9rem; line-height: 1.35; }
    caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    th, td { padding: .38rem .7rem; text-align: left; vertical-align: baseline; font-weight: 400; border-bottom: 1px solid var(--rule); }
    thead th { color: var(--quiet); font-size: .82rem; vertical-align: bottom; white-space: nowrap; border-bottom-color: var(--quiet); }
    th:first-child, td:first-child { padding-left: .35rem; }
    .n { text-align: right; white-space: nowrap; }
    td.best { font-weight: 650; }
    td.none { color: var(--quiet); }
    td i { position: absolute; font-style: normal; color: var(--accent); }
    .names:not(.tall) .n { padding-inline: .55rem; }
    td.p { padding-block: 0; vertical-align: middle; }
    td.p svg { display: block; }
    svg path { fill: none; stroke: var(--quiet); }
    svg .r { opacity: .45; } svg .q { stroke-width: 4; opacity: .35; } svg .m { stroke: var(--ink); }
    svg .v { stroke: var(--bar); stroke-width: 8; } svg .i { stroke: var(--ink); }
    svg.p circle, .histogram rect { fill: var(--accent); }
    .histogram { display: block; width: 100%; max-width: 44rem; margin: .75rem 0; }
    .histogram rect { fill: var(--bar); } .histogram rect:hover { fill: var(--accent); }
    .histogram text { fill: var(--quiet); font-size: 12px; text-anchor: middle; }
    small { color: var(--quiet); font-size: .82em; }
    tbody th { white-space: nowrap; }
    tr.here > * { background: var(--band); } tr.here th { font-weight: 650; }
    tr.break > * { border-top: 1px solid var(--quiet); }
    tr.group th, tr.group td { background: var(--band); }
    tr.group th { font-weight: 650; }
    tr.group ~ tr th { padding-left: 1.1rem; }
    tbody + tbody tr:first-child > * { border-top: 0; }
    tbody tr:hover > * { background: var(--band); }
    .wide thead th:first-child, .names thead th:nth-child(2), .scroll tbody th { position: sticky; left: 0; z-index: 1; background: var(--paper); }
    .scroll tr.group th, .scroll tr.here th, .scroll tbody tr:hover th { background: var(--band); }
    tbody wbr { display: none; }
    thead th.s { white-space: normal; max-width: 7rem; }
    .wide thead th.s { max-width: 14rem; }
    .tall thead th.s { max-width: none; padding: .3rem .35rem; white-space: nowrap; }
    .tall thead th.s span { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; line-height: 1.2; }
    .tall { font-size: .82rem; }
    .tall td.n { padding-inline: .4rem; }
    .text td:not(.n) { max-width: 34rem; min-width: 9rem; }
    .filter, .map-tools { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; margin: .5rem 0; font-size: .85rem; color: var(--quiet); max-width: none; }
    .filter label { display: inline-flex; flex-wrap: wrap; gap: .15rem .5rem; align-items: center; }
    .filter input[type="search"], .filter select, .filter button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--quiet); border-radius: 3px; padding: .25rem .5rem; max-width: 15rem; }
    input[type="checkbox"] { accent-color: var(--accent); }
    .filter button { cursor: pointer; } .filter output { padding-block: .3rem; }
    .map { position: relative; overflow: auto; max-height: 80vh; border: 1px solid var(--rule); margin: .5rem 0; cursor: crosshair; }
    .map > div { position: relative; } .map canvas { position: sticky; left: 0; top: 0; display: block; }
    .said { font-size: .85rem; min-height: 1.55em; max-width: none; overflow-wrap: anywhere; }
    .list { max-width: 60rem; }
    details { margin: .75rem 0; } summary { cursor: pointer; color: var(--accent); }
    button.beside::after { content: " \\2195"; }
    .tall.heat { font-size: .78rem; }
    .tall.heat td.n { padding-inline: .3rem; }
    .heat td.shade { border: 0; box-shadow: inset 0 0 0 1px var(--paper); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    .h0 { background: var(--h0) !important; } .h1 { background: var(--h1) !important; } .h2 { background: var(--h2) !important; } .h3 { background: var(--h3) !important; } .h4 { background: var(--h4) !important; }
    .h5 { background: var(--h5) !important; } .h6 { background: var(--h6) !important; } .h7 { background: var(--h7) !important; } .h8 { background: var(--h8) !important; } .h9 { background: var(--h9) !important; }
    .legend { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; color: var(--quiet); font-size: .82rem; margin: .5rem 0 0; }
    .legend span { display: inline-flex; }
    .legend em { font-style: normal; }
    .legend b { width: 1.1rem; height: .8rem; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    .chart { width: 100%; max-width: 60rem; margin: .75rem 0; }
    .chart th, .chart td { border: 0; padding: 0 .6rem; vertical-align: middle; line-height: 22px; }
    .chart thead th { line-height: 1.3; padding-bottom: .2rem; }
    .chart tbody th { width: 1%; }
    .chart th:first-child { padding-left: .35rem; }
    .chart th:nth-child(2), .chart td:nth-child(2) { padding-inline: 1rem; }
    .chart td.n + td.n { color: var(--quiet); }
    .chart td svg, .chart th:nth-child(2) svg { display: block; width: 100%; overflow: visible; }
    .chart text { fill: var(--quiet); font-size: .78rem; text-anchor: middle; }
    .tick { stroke: var(--rule); } .span { stroke: var(--accent); opacity: .35; stroke-width: 2; }
    circle.task { fill: var(--accent); } circle.type { fill: var(--paper); stroke: var(--accent); stroke-width: 1.5; }
    dl { display: grid; grid-template-columns: max-content minmax(0, 42rem); gap: .5rem 1.5rem; margin: .75rem 0; }
    dt { font-weight: 650; } dd { margin: 0; overflow-wrap: anywhere; }
    .files { list-style: none; padding: 0; margin: .5rem 0; color: var(--quiet); }
    .files li { margin-bottom: .2rem; }
    thead button { all: unset; cursor: pointer; }
    thead button:hover { color: var(--ink); }
    th[aria-sort] { color: var(--ink); } th[aria-sort="descending"] button::after { content: " \\2193"; } th[aria-sort="ascending"] button::after { content: " \\2191"; }
    @media (max-width: 44rem) {
      table { font-size: .85rem; }
      th, td { padding: .36rem .5rem; }
      .names tbody th, .text tbody th { white-space: normal; overflow-wrap: break-word; min-width: 8.5rem; }
      .names th small, .text th small { display: block; }
      .names .n.n { padding-inline: .35rem; }
      .names .p { display: none; }
      tbody wbr { display: inline; }
      .wide tbody th { white-space: normal; overflow-wrap: break-word; min-width: 6rem; }
      .wide tr.group ~ tr th { padding-left: .8rem; }
      .chart tbody th { width: 34%; white-space: normal; overflow-wrap: anywhere; line-height: 1.2; padding-block: .3rem; }
      .chart th, .chart td { padding-inline: .3rem; }
      .chart th:nth-child(4), .chart td:nth-child(4) { display: none; }
      dl { display: block; } dd { margin-bottom: .6rem; }
    }
    @media print {
      :root { --paper: #fff; --ink: #000; --quiet: #444; }
      body { font-size: 9pt; } main { max-width: none; padding: 0; }
      nav, .files, .filter, .map-tools, .said, .skip { display: none; }
      .map { max-height: none; border: 0; overflow: hidden; }
      a { color: inherit; text-decoration: none; }
      svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      .scroll { overflow: visible; } section { break-inside: auto; margin-top: 1.5rem; content-visibility: visible; }
      h2 { break-after: avoid; } tr { break-inside: avoid; } thead { display: table-header-group; }
      .scroll thead th, .scroll tbody th { position: static; }
      table { font-size: 8pt; } th, td { padding: .15rem .3rem; }
    }
    """
}
