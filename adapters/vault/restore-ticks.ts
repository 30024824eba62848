import type { ObjectReader } from '../../core/ports/object-store.ts';
import { restorePaperKey } from '../../core/vault/keys.ts';
import { readRecord } from './read-records.ts';

type OfRun = { system: string; asset: string; run: string };

/** Where somebody says that a step done by hand is done. */
export const tickKey = ({ system, asset, run }: OfRun, number: number, part: 'stop' | 'start') =>
  restorePaperKey(system, asset, run, `ticked-${String(number).padStart(2, '0')}-${part}`);

export const isTicked = async (vault: ObjectReader, of: OfRun, number: number, part: 'stop' | 'start') =>
  (await readRecord(vault, tickKey(of, number, part))) !== undefined;
