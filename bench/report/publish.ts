/** The report, three times: printed, as JSON with a picture, and as the tables of docs/performance.md. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { table } from '../../cli/output/table.ts';
import type { BenchOptions } from '../options.ts';
import { medianRows, type Result, type Row } from '../results.ts';
import { judgeGoals } from './goals.ts';
import { priceSections } from './price-sections.ts';
import { buildSections, type Section } from './sections.ts';
import { renderPicture } from './picture.ts';

export function publish(
  results: readonly Result[],
  { scale, sections: asked }: Pick<BenchOptions, 'scale' | 'sections'>,
  outputDir: string,
): string {
  const rows = medianRows(results);
  const sections = [...buildSections(rows, scale), ...priceSections()];
  const machine = {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
  mkdirSync(join(outputDir, 'images'), { recursive: true });
  writeFileSync(join(outputDir, 'bench.json'), toJson({ machine, scale, goals: judgeGoals(rows, scale), rows }));
  writeFileSync(join(outputDir, 'images', 'bench.svg'), renderPicture(rows, scale, machine.cores));
  writeTables(join(outputDir, 'performance.md'), sections);
  const printed = sections.filter(({ id }) => !id.startsWith('price') || asked.includes('prices'));
  return printed
    .map(
      ({ title, head, rows: lines }) =>
        `\n${title}\n\n${table(
          head,
          lines.map((line) => line.map((cell) => cell.replaceAll('`', ''))),
        )}`,
    )
    .join('\n');
}

/** A hundredth is more than these times are good for. */
function toJson(report: { machine: object; scale: number; goals: object[]; rows: Row[] }): string {
  const round = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  return `${JSON.stringify(report, round, 2)}\n`;
}

/** Between `<!-- bench:id -->` and `<!-- /bench:id -->`; what is not marked stays as somebody wrote it. */
function writeTables(path: string, sections: readonly Section[]): void {
  if (!existsSync(path)) return;
  const text = sections.reduce(
    (page, section) =>
      page.replace(
        new RegExp(`(<!-- bench:${section.id} -->\\n)[^]*?(<!-- /bench:${section.id} -->)`),
        (_, open: string, close: string) => `${open}${markdown(section)}${close}`,
      ),
    readFileSync(path, 'utf8'),
  );
  writeFileSync(path, text);
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
const markdown = ({ head, rows }: Section): string => `${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}`;
