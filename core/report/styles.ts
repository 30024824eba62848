/**
 * The page's only style sheet, inline: the page asks for nothing. Colours are pairs for light and dark that keep text at 4.5 to 1 or
 * better; a colour never stands without its word.
 */
export const STYLES = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #55616f; --line: #dde2e8; --track: #e8ecf1; --accent: #2456a6;
  --green: #0f6b3a; --green-bg: #dff4e7; --amber: #7d4a00; --amber-bg: #fdeecb; --red: #a1161d; --red-bg: #fde3e3;
  --none: #46505c; --none-bg: #e6eaef; --bar: #3f7bd1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10151b; --card: #18202a; --ink: #e6ebf1; --soft: #a2aebb; --line: #2c3744; --track: #263140; --accent: #8ab4f8;
    --green: #7fdca4; --green-bg: #123322; --amber: #f5c465; --amber-bg: #3a2b0b; --red: #ff9d9d; --red-bg: #43191c;
    --none: #b4bfcb; --none-bg: #2a3440; --bar: #6ea3ec;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere;
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
}
main, header, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
footer { padding-top: 1rem; padding-bottom: 2.5rem; color: var(--soft); font-size: .875rem; }
h1, h2, h3, h4, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; }
h3 { font-size: 1.05rem; }
h4 { font-size: .8rem; text-transform: uppercase; letter-spacing: .05em; color: var(--soft); margin-top: 1rem; }
ul { list-style: none; }
code, .id { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .86em; }
.soft, .lead { color: var(--soft); }
.lead { margin-bottom: .9rem; max-width: 48rem; }
.eyebrow { font-size: .8rem; font-weight: 600; letter-spacing: .08em; text-transform: uppercase; color: var(--accent); }
.hero { display: flex; flex-wrap: wrap; gap: 1rem 2rem; justify-content: space-between; align-items: flex-start; }
.hero > :first-child { flex: 1 1 20rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem 1.25rem; margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.facts .long { grid-column: span 2; }
.facts dt { font-size: .8rem; color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.1rem 1.25rem; }
.card { content-visibility: auto; contain-intrinsic-size: auto 20rem; }
.card + .card, .facts + .card { margin-top: 1rem; }
.card > table:first-child, .card > details:first-child { margin-top: 0; }
h2 + .card { margin-top: .75rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; align-items: start; }
.cards > .card { margin: 0; }
.head { display: flex; flex-wrap: wrap; gap: .4rem .9rem; align-items: center; justify-content: space-between; }
time span, .whole { white-space: nowrap; }
.head + p { margin-top: .2rem; }
.pill { display: inline-flex; align-items: center; gap: .45em; border-radius: 99px; padding: .12em .75em; font-size: .85rem; font-weight: 600; white-space: nowrap; }
.pill::before { content: ''; width: .55em; height: .55em; border-radius: 50%; background: currentColor; }
.pill.large { font-size: 1.25rem; padding: .3em 1em; }
.green { color: var(--green); background: var(--green-bg); }
.amber { color: var(--amber); background: var(--amber-bg); }
.red { color: var(--red); background: var(--red-bg); }
.none { color: var(--none); background: var(--none-bg); }
.reasons { margin-top: .75rem; }
.reasons li { display: flex; gap: .6rem; align-items: baseline; padding: .3rem 0; border-top: 1px solid var(--line); }
.reasons li:first-child { border-top: 0; }
.reasons .pill { flex: none; font-size: .74rem; }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: .6rem; }
.chips li { background: var(--track); border-radius: .4rem; padding: .1rem .6rem; font-size: .86rem; }
table { width: 100%; border-collapse: collapse; margin-top: .75rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-size: .86rem; color: var(--soft); padding-bottom: .35rem; }
th { text-align: left; font-size: .8rem; font-weight: 600; color: var(--soft); }
th, td { padding: .45rem .75rem .45rem 0; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: break-word; }
.long { overflow-wrap: anywhere; }
thead th { border-top: 0; white-space: nowrap; }
td small { display: block; color: var(--soft); font-size: .84em; }
tbody th { font-size: inherit; color: inherit; }
tbody th .id { font-weight: 500; }
.wide { display: inline-block; min-width: 9.6rem; }
pre { margin: .75rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font: .82rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
details { margin-top: .9rem; }
a { color: var(--accent); }
summary { cursor: pointer; color: var(--accent); font-weight: 600; font-size: .92rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
.steps { margin-top: .75rem; }
.steps li { display: grid; grid-template-columns: minmax(9rem, 18rem) minmax(0, 1fr) 5.5rem; gap: 0 1rem; align-items: center; padding: .2rem 0; font-size: .92rem; }
.steps svg { display: block; width: 100%; height: .8rem; }
.steps .track { fill: var(--track); }
.steps .bar { fill: var(--bar); }
.steps .bar.failed { fill: var(--red); }
.steps .time { text-align: right; font-variant-numeric: tabular-nums; color: var(--soft); white-space: nowrap; }
.chart figcaption { font-size: .92rem; font-weight: 600; }
.chart svg { display: block; width: 100%; height: auto; margin-top: .5rem; font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif; }
.chart .narrow { display: none; max-width: 26rem; }
.head + .chart { margin-top: .6rem; }
@media (max-width: 46rem) {
  .chart .narrow { display: block; }
  .chart .broad { display: none; }
  main, header, footer { padding-left: 1rem; padding-right: 1rem; }
  .card { padding: .95rem 1rem; }
  .facts .long { grid-column: 1 / -1; }
  .steps li { grid-template-columns: minmax(0, 1fr) auto; }
  .steps svg { grid-row: 2; grid-column: 1 / -1; }
}
@media screen and (max-width: 46rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, caption, tbody, tr, td, tbody th { display: block; width: 100%; }
  tr { padding: .5rem 0; border-top: 1px solid var(--line); }
  tbody tr:first-child { border-top: 0; }
  td, tbody th { border: 0; padding: .12rem 0; }
  td[data-label] { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: 0 .75rem; }
  td[data-label]::before { content: attr(data-label); color: var(--soft); font-size: .86rem; }
  .wide { min-width: 0; }
}
@media print {
  :root {
    color-scheme: light; --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --track: #eee; --accent: #000;
    --green: #0f6b3a; --green-bg: #fff; --amber: #7d4a00; --amber-bg: #fff; --red: #a1161d; --red-bg: #fff; --none: #444; --none-bg: #fff; --bar: #555;
  }
  body { font-size: 10.5pt; }
  main, header, footer { max-width: none; padding: 0; }
  .card { content-visibility: visible; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .pill { border: 1px solid currentColor; }
  table { font-size: 8pt; }
  caption { font-size: 9pt; }
  table .pill { font-size: 7pt; padding: 0 .4em; }
  th { font-size: 7.5pt; }
  th, td { padding: .3rem .4rem .3rem 0; }
  thead th { white-space: normal; }
  .wide { min-width: 0; }
  .card { padding: .6rem .8rem; }
  tr, .steps li, .reasons li { break-inside: avoid; }
  h2, h3, summary { break-after: avoid; }
}
@page { margin: 16mm; }
`;
