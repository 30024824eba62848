import { PAGES } from '../page/measure-page.ts';
import { isLoaded, type Row } from '../results.ts';
import type { Section } from './sections.ts';

export function pageSection(rows: readonly Row[]): Section {
  return {
    id: 'pages',
    title: 'A page in Chromium',
    head: ['page', 'MB', 'CPU s', 'wall s', ''],
    rows: Object.keys(PAGES).flatMap((of) => {
      const row = rows.find((each) => each.work === 'page' && each.of === of);
      if (!row) return [];
      const numbers = [((row.bytes ?? 0) / 1e6).toFixed(1), (row.toolCpuSeconds ?? 0).toFixed(2), row.wallSeconds.toFixed(2)];
      return [[of, ...numbers, isLoaded(row) ? 'machine loaded' : '']];
    }),
  };
}
