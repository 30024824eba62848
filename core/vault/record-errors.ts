import { HoldfastError } from '../failure/error.ts';

/** A manifest, link, fact or claim is there, and is not what Holdfast writes. */
export class PointRecordDamaged extends HoldfastError {
  readonly failure = 'PointDamaged';
  constructor(where: string, options?: { cause?: unknown }) {
    super(`${where} is not a record that Holdfast wrote`, 'Compare it with the replica, and find out who or what wrote it', options);
  }
}

/** A record of another version of the format: nothing is wrong with it, and nothing of it is guessed. */
export class RecordFormatUnknown extends HoldfastError {
  readonly failure = 'BadConfiguration';
  constructor(where: string, format: string, known: string) {
    super(
      `${where} is of the format ${format}; this release reads ${known}`,
      'Use the release of Holdfast that wrote it, or a newer one: every release reads what older ones wrote',
    );
  }
}

/**
 * Why a record could not be parsed.
 * @param known the `format` that it should have, one or several versions of a kind
 */
export function unreadableRecord(
  where: string,
  record: unknown,
  known: string | readonly [string, ...string[]],
  cause: unknown,
): PointRecordDamaged | RecordFormatUnknown {
  const versions = typeof known === 'string' ? ([known] as const) : known;
  const formats = versions.map((version) => otherVersion(record, version));
  const format = formats.every((other) => other !== undefined) ? formats[0] : undefined;
  return format === undefined ? new PointRecordDamaged(where, { cause }) : new RecordFormatUnknown(where, format, versions.join(' and '));
}

/** The `format` of a record that is of the same kind as `known` and of another version. Undefined for any other record. */
export function otherVersion(record: unknown, known: string): string | undefined {
  if (typeof record !== 'object' || record === null || !('format' in record) || typeof record.format !== 'string') return undefined;
  const kind = known.slice(0, known.lastIndexOf('/v'));
  const isOfKind = record.format.startsWith(`${kind}/v`) && /^\d{1,4}$/.test(record.format.slice(kind.length + 2));
  return isOfKind && record.format !== known ? record.format : undefined;
}
