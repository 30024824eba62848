/** The comparison as a picture: one bar for the time, a thin one for the tool's CPU. Dark where its reader is. */
import { OWN, TOOLS } from '../peers/all.ts';
import type { Tool } from '../peers/peer.ts';
import { isLoaded, type Row } from '../results.ts';
import { finder } from './goals.ts';
import { titleFor } from './sections.ts';

const WIDTH = 900;
const LABEL_WIDTH = 330;
const BAR_AREA = WIDTH - LABEL_WIDTH - 170;
const ROW_HEIGHT = 40;
const PANEL_HEAD = 50;
const TOP = 74;
const FOOT = 40;

const STYLE = `
    .bg { fill: #ffffff } .title { fill: #16202b; font-size: 19px; font-weight: 600 } .panel { fill: #16202b; font-size: 15px; font-weight: 600 }
    .label { fill: #16202b; text-anchor: end } .own { font-weight: 700 } .figure { fill: #46566a; font-size: 13px } .note { fill: #5b6b7f; font-size: 12.5px }
    .bar { fill: #a9b8ca } .physical { fill: #d3c39a } .bar.mine { fill: #1f7a4d } .cpu { fill: #5b6b7f } .axis { stroke: #c9d3de; stroke-width: 1 }
    @media (prefers-color-scheme: dark) {
      .bg { fill: #0d1117 } .title, .panel, .label { fill: #e6edf3 } .figure, .note { fill: #9aa7b5 }
      .bar { fill: #4a5a6e } .physical { fill: #7a6a3a } .bar.mine { fill: #3fb27f } .cpu { fill: #9aa7b5 } .axis { stroke: #30363d }
    }`;

type Work = 'backup' | 'restore';
type Bar = { tool: Tool; row: Row };

/** Our own first, then the others by their time. */
function bars(rows: readonly Row[], work: Work, scale: number): Bar[] {
  const find = finder(rows, scale);
  return TOOLS.flatMap((tool) => {
    const row = find(work, tool.name);
    return row ? [{ tool, row }] : [];
  }).sort((a, b) => Number(b.tool === OWN) - Number(a.tool === OWN) || a.row.wallSeconds - b.row.wallSeconds);
}

export function renderPicture(rows: readonly Row[], scale: number, cores: number): string {
  const panels = [
    { work: 'backup' as const, title: 'Backup into S3', found: bars(rows, 'backup', scale) },
    { work: 'restore' as const, title: 'Restore from S3 into a new database', found: bars(rows, 'restore', scale) },
  ].filter(({ found }) => found.length > 0);
  let y = TOP;
  const drawn = panels.map((panel) => {
    const text = renderPanel(panel, y);
    y += PANEL_HEAD + panel.found.length * ROW_HEIGHT + 14;
    return text;
  });
  const height = y + FOOT;
  const isDisturbed = panels.some(({ found }) => found.some(({ row }) => isLoaded(row)));
  const bytes = rows.find((row) => row.scale === scale && row.databaseBytes !== undefined)?.databaseBytes ?? 0;
  const size = `${(bytes / 1e9).toFixed(1)} GB`;
  const description = panels
    .map(
      ({ work, title, found }) =>
        `${title}: ${found.map(({ tool, row }) => `${plainTitle(tool, work)} ${row.wallSeconds.toFixed(1)} s`).join(', ')}.`,
    )
    .join(' ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="t d" font-family="system-ui, sans-serif" font-size="14">
  <title id="t">Holdfast beside what people use: a PostgreSQL database of ${size}</title>
  <desc id="d">${escape(description)}</desc>
  <style>${STYLE}
  </style>
  <rect class="bg" width="${WIDTH}" height="${height}" rx="10"/>
  <text class="title" x="24" y="36">A PostgreSQL database of ${size}, and S3: seconds</text>
  <text class="note" x="24" y="57">Thick: wall time. Thin: CPU of the tool. Same server, same store, ${cores} cores; medians${isDisturbed ? ', of a machine that others had too' : ''}.</text>
${drawn.join('\n')}
  <text class="note" x="24" y="${height - 16}">Physical tools copy the files of a whole server, which only a server of the same version can read.</text>
</svg>
`;
}

function renderPanel({ work, title, found }: { work: Work; title: string; found: readonly Bar[] }, top: number): string {
  const longest = Math.max(...found.map(({ row }) => Math.max(row.wallSeconds, row.toolCpuSeconds ?? 0)));
  const width = (seconds: number) => Math.max(1, (seconds / longest) * BAR_AREA).toFixed(1);
  const own = found.find(({ tool }) => tool === OWN)?.row.wallSeconds;
  const lines = found.map(({ tool, row }, index) => {
    const y = top + PANEL_HEAD + index * ROW_HEIGHT;
    const isOwn = tool === OWN;
    const kind = isOwn ? 'bar mine' : tool.kind === 'physical' ? 'bar physical' : 'bar';
    const times = isOwn || own === undefined ? '' : ` · ${(row.wallSeconds / own).toFixed(1)} ×`;
    const cpu = row.toolCpuSeconds ?? 0;
    const end = LABEL_WIDTH + 34 + Number(width(Math.max(row.wallSeconds, cpu)));
    return `  <text class="label${isOwn ? ' own' : ''}" x="${LABEL_WIDTH + 14}" y="${y + 15}">${escape(plainTitle(tool, work))}</text>
  <rect class="${kind}" x="${LABEL_WIDTH + 24}" y="${y}" width="${width(row.wallSeconds)}" height="16" rx="2"/>
  <rect class="cpu" x="${LABEL_WIDTH + 24}" y="${y + 19}" width="${width(cpu)}" height="5" rx="2"/>
  <text class="figure" x="${end}" y="${y + 14}">${row.wallSeconds.toFixed(1)} s${times}</text>`;
  });
  const bottom = top + PANEL_HEAD + found.length * ROW_HEIGHT - 8;
  return `  <text class="panel" x="24" y="${top + 26}">${title}</text>
  <path class="axis" d="M${LABEL_WIDTH + 24} ${top + PANEL_HEAD - 8}V${bottom}"/>
${lines.join('\n')}`;
}

const plainTitle = ({ title }: Tool, work: Work): string => titleFor(work, title).replaceAll('`', '');

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
