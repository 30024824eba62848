import { CATALOGS } from '../retention/measure-retention.ts';
import { isLoaded, type Row } from '../results.ts';
import type { Section } from './sections.ts';

export function retentionSection(rows: readonly Row[]): Section {
  return {
    id: 'retention',
    title: 'Deciding what expires, over a whole catalog',
    head: ['catalog', 'wall s', 'CPU s', 'peak MiB', 'listings', 'reads', 'US cents for them', ''],
    rows: Object.keys(CATALOGS).flatMap((of) => {
      const row = rows.find((each) => each.work === 'retention' && each.of === of);
      if (!row) return [];
      const { wallSeconds, toolCpuSeconds = 0, peakMemoryMiB = 0, lists = 0, gets = 0, usd = 0 } = row;
      const numbers = [wallSeconds.toFixed(1), toolCpuSeconds.toFixed(1), peakMemoryMiB.toFixed(0), lists.toFixed(0), gets.toFixed(0)];
      return [[of, ...numbers, (usd * 100).toFixed(1), isLoaded(row) ? 'machine loaded' : '']];
    }),
  };
}
