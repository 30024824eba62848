import type { PostgresAsset } from './schema.ts';

/** Since when a range of pages can be read without reading the whole table (TID range scans). */
export const SEGMENTED_SINCE_MAJOR = 14;

/** The format that an asset's dump is written in: `auto` decided. */
export function dumpFormat({ dump, source }: Pick<PostgresAsset, 'dump' | 'source'>): 'segmented' | 'custom' | 'plain' {
  if (dump.format !== 'auto') return dump.format;
  return source.postgresMajor >= SEGMENTED_SINCE_MAJOR && SEGMENTED_IS_DEFAULT ? 'segmented' : 'custom';
}

/** Until every stage reads segmented points. */
const SEGMENTED_IS_DEFAULT: boolean = true;
