/** The expiry plan of one asset in one run: an object of which each line is a point that goes. */
import { parseJson } from '../parse-json.ts';
import { PointRecordDamaged } from '../vault/record-errors.ts';
import { ExpiryLine } from './contract.ts';

/**
 * Points of an asset that one run expires. What is kept after all comes back with its reason in the payloads of the machine, which
 * hold 256 KiB. A policy that was just shortened takes several runs, and there is time to see what it does.
 */
const MOST_POINTS = 500;

/** @param expire oldest first */
export const selectForThisRun = <T>(expire: readonly T[]): { now: T[]; later: T[] } => ({
  now: expire.slice(0, MOST_POINTS),
  later: expire.slice(MOST_POINTS),
});

export const writeExpiryPlan = (lines: readonly ExpiryLine[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** @param where its address, for the message. Throws PointRecordDamaged. */
export const parseExpiryPlan = (where: string, body: Uint8Array): ExpiryLine[] =>
  Buffer.from(body)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const parsed = ExpiryLine.safeParse(parseJson(Buffer.from(line)));
      if (parsed.success) return parsed.data;
      throw new PointRecordDamaged(where, { cause: parsed.error });
    });
