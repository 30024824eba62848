import type { ObjectReader } from '../../core/ports/object-store.ts';
import { stepTickKey, type Part } from '../../core/sign-off/records.ts';
import { readRecord } from './read-records.ts';

type OfRun = { system: string; asset: string; run: string };

export const isTicked = async (vault: ObjectReader, of: OfRun, number: number, part: Part) =>
  (await readRecord(vault, stepTickKey(of, number, part))) !== undefined;
