import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { renderReport } from '../../core/report/render-report.ts';
import { UsageWrong } from '../errors.ts';
import type { Answer, Context } from '../verb.ts';
import { readSystem, type ReportWish } from './read-system.ts';

export async function writeReport(context: Context, wish: ReportWish & { out: string }): Promise<Answer> {
  const { model, overview, notes } = await readSystem(context, wish);
  const file = writePage(context, wish.out, `${model.system}.html`, renderReport(model, overview));
  return {
    data: { system: model.system, from: wish.from, colour: model.colour, files: [file], notes },
    text: (paint) => [`${file}: ${model.system} is ${model.colour}`, ...notes.map((note) => paint('yellow', note))].join('\n'),
  };
}

/** A page is made anew each time: one of before is written over. */
function writePage({ frame }: Context, directory: string, name: string, page: string): string {
  const path = resolve(frame.workingDirectory, directory);
  try {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, name), page);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it failed';
    throw new UsageWrong('report', [`--out: ${join(directory, name)} cannot be written (${code})`]);
  }
  return join(directory, name);
}
