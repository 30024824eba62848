import type { z } from 'zod';
import { listEscrow } from '../../adapters/escrow/list-escrow.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { ListOlderEnvironment, ListOlderRequest, type ListOlderAnswer } from '../../core/escrow/contract.ts';
import { readKeySources, type KeySources } from '../../core/escrow/key-sources.ts';
import type { KeyVersionState } from '../../core/escrow/key-state.ts';
import { currentValue, openedLately } from '../../core/escrow/look-due.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { handle } from '../edge.ts';

export type ListOlderPorts = { system: string; keys: KeySources; places: readonly Pick<ObjectReader, 'listVersions'>[] };
type Request = z.output<typeof ListOlderRequest>;

/** Envelopes that one run opens beside those of its versions; with more of them each has its turn every few runs. */
const MOST = 100;
const SIDES = ['vault', 'replica'] as const;
type Side = (typeof SIDES)[number];

/**
 * What is in escrow and no longer in its source: points of before the last rotations need just these, so they are opened as well, but
 * for what both places have opened within days and is not in use.
 */
export async function listOlder(
  { run, keys, opened }: Request,
  { system, keys: sources, places }: ListOlderPorts,
): Promise<ListOlderAnswer> {
  const found: { key: string; fingerprint: string; lastRun: string; sides: Side[] }[] = [];
  let recent = 0;
  for (const key of keys) {
    const states = await Promise.all(places.map((place) => listEscrow(place, system, key)));
    // In use as far as anybody knows: its source is gone, or did not answer.
    const inUse = Object.hasOwn(sources, key) ? states.map(currentValue) : [];
    for (const fingerprint of new Set(states.flatMap((known) => [...known.keys()])))
      if (opened.includes(fingerprint)) continue;
      else if (!inUse.includes(fingerprint) && states.every((known) => openedLately(known.get(fingerprint), run) !== undefined))
        recent += 1;
      else found.push({ key, fingerprint, lastRun: lastLook(states, fingerprint), sides: sidesOf(states, fingerprint) });
  }
  const inTurn = found.toSorted((a, b) => (a.lastRun === b.lastRun ? 0 : a.lastRun < b.lastRun ? -1 : 1));
  const chosen = inTurn.slice(0, MOST);
  // Each place in a round of its own: what cannot be opened at home is just what the other one is for.
  const envelopes = chosen.flatMap(({ key, fingerprint, sides }) => sides.map((place) => ({ key, fingerprint, run, place })));
  return { envelopes, later: found.length - chosen.length, recent };
}

/**
 * Where something of the value stands, its envelope or not: that it is missing there is found. A place that has nothing of it never got
 * it, from a run that failed halfway and said so; nothing was lost there.
 */
const sidesOf = (states: readonly ReadonlyMap<string, KeyVersionState>[], fingerprint: string): Side[] =>
  SIDES.filter((_, index) => states[index]?.has(fingerprint) === true);

/** In the place that was looked at longest ago. A look that could not open it was one too, or what is lost would come first for ever. */
const lastLook = (states: readonly ReadonlyMap<string, KeyVersionState>[], fingerprint: string): string =>
  states
    .map((known) => known.get(fingerprint))
    .map((state) => [state?.readBackRun ?? '', state?.lostRun ?? ''].sort().at(-1) ?? '')
    .sort()[0] ?? '';

export const handler = handle({
  environment: ListOlderEnvironment,
  request: ListOlderRequest,
  connect: (environment): ListOlderPorts => ({
    system: environment.SYSTEM,
    keys: readKeySources(environment.KEYS),
    places: [
      openBucket(environment.ESCROW_BUCKET, {}, process.env).reader,
      openBucket(environment.REPLICA_ESCROW_BUCKET, { region: environment.REPLICA_REGION }, process.env).reader,
    ],
  }),
  run: listOlder,
});
