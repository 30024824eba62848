/** What is published of a run: numbers only. Pure. */
import type { Manifest } from '../vault/manifest.ts';

export type PointMeasure = { name: string; unit: 'Bytes' | 'Seconds' | 'Count' | 'Bytes/Second'; value: number };

const secondsBetween = (from: string, to: number) => Math.max(0, (to - Date.parse(from)) / 1000);

export function measurePoint(
  manifest: Pick<Manifest, 'startedAt' | 'consistentAt' | 'finishedAt' | 'objects' | 'source'>,
  now: Date,
): PointMeasure[] {
  const bytes = manifest.objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  const dumpSeconds = secondsBetween(manifest.startedAt, Date.parse(manifest.finishedAt));
  return [
    { name: 'PointCommitted', unit: 'Count', value: 1 },
    { name: 'PointBytes', unit: 'Bytes', value: bytes },
    { name: 'SourceBytes', unit: 'Bytes', value: manifest.source.sizeBytes },
    { name: 'DumpSeconds', unit: 'Seconds', value: dumpSeconds },
    { name: 'DumpBytesPerSecond', unit: 'Bytes/Second', value: dumpSeconds > 0 ? bytes / dumpSeconds : 0 },
    // The whole run, to the moment that the point is recorded.
    { name: 'RunSeconds', unit: 'Seconds', value: secondsBetween(manifest.startedAt, now.getTime()) },
    // What a loss at this moment would cost: the age of the newest data that can be had back.
    { name: 'DataPointAgeSeconds', unit: 'Seconds', value: secondsBetween(manifest.consistentAt, now.getTime()) },
  ];
}
