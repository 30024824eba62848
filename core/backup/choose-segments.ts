/**
 * How a table is cut: into ranges of pages that weigh about the same. A page's weight is its own bytes and those of its rows that
 * are stored out of line (TOAST), which may be a thousand times more, and anywhere.
 */
const MIB = 1024 ** 2;

export type SegmentLimits = { leastBytes: number; mostBytes: number; mostSegments: number };
/** A dump's time is that of its last segment, so that they are many; each costs requests, so that they are not small. */
export const SEGMENT_LIMITS: SegmentLimits = { leastBytes: 32 * MIB, mostBytes: 256 * MIB, mostSegments: 4000 };
const SEGMENTS_PER_WORKER = 16;

/** Bytes in the database, not of text. */
export function chooseSegmentBytes(totalBytes: number, workers: number, limits: SegmentLimits = SEGMENT_LIMITS): number {
  const wished = Math.min(Math.max(totalBytes / (workers * SEGMENTS_PER_WORKER), limits.leastBytes), limits.mostBytes);
  return Math.ceil(Math.max(wished, totalBytes / limits.mostSegments));
}

/** `toPage` is the first page that is not of it; the last range has no end, so that no page is missed. */
export type PageRange = { fromPage: number; toPage: number | undefined };

export type TablePages = {
  pages: number;
  /** Of the whole table: its pages and what is stored out of line. */
  bytes: number;
  pageBytes: number;
  /** Bytes out of line of rows on sampled pages, each page standing for an equal part of the table, in order; empty when not sampled. */
  samples: readonly number[];
};

/** Every page is in exactly one range. */
export function cutTable(table: TablePages, segmentBytes: number): PageRange[] {
  const { pages, bytes } = table;
  const count = Math.max(1, Math.min(Math.ceil(bytes / segmentBytes), pages));
  const weights = weighParts(table);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const bounds: number[] = [0];
  let part = 0;
  let before = 0;
  for (let number = 1; number < count; number++) {
    const wanted = (total * number) / count;
    while (part < weights.length - 1 && before + (weights[part] ?? 0) < wanted) before += weights[part++] ?? 0;
    const within = (wanted - before) / (weights[part] || 1);
    const page = Math.round(((part + within) * pages) / weights.length);
    // At least a page each, and as many left as there are segments to come.
    bounds.push(Math.min(Math.max(page, (bounds.at(-1) ?? 0) + 1), pages - (count - number)));
  }
  return bounds.map((fromPage, index) => ({ fromPage, toPage: bounds[index + 1] }));
}

/** Weights of equal parts of the table. What was not sampled is taken to be spread evenly. */
function weighParts({ pages, bytes, pageBytes, samples }: TablePages): number[] {
  const parts = Math.max(1, samples.length);
  const inPages = (pages * pageBytes) / parts;
  const outOfLine = Math.max(0, bytes - pages * pageBytes);
  const sampled = samples.reduce((sum, sample) => sum + sample, 0);
  return Array.from(
    { length: parts },
    (_, part) => inPages + (sampled > 0 ? (outOfLine * (samples[part] ?? 0)) / sampled : outOfLine / parts),
  );
}

/** The page in the middle of each part of a table. */
export const pagesToSample = (pages: number, most: number): number[] => {
  const count = Math.min(pages, most);
  return Array.from({ length: count }, (_, part) => Math.floor(((part + 0.5) * pages) / count));
};
