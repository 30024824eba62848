/** Which value is current, when the source was rotated while a run looked at its versions. */
import { KeySourceUnavailable } from '../../core/escrow/errors.ts';
import { idAfter, selectCurrentSince, type CurrentRun } from '../../core/escrow/current-key.ts';
import { FACT_FORMAT } from '../../core/escrow/facts.ts';
import type { KeyPlace } from '../../core/escrow/key-place.ts';
import type { KeySource } from '../../core/escrow/ports.ts';
import { listEscrow } from './list-escrow.ts';
import type { EscrowedKey } from './open-envelope.ts';
import { putFacts, type EscrowBuckets } from './store-envelope.ts';

/**
 * To be called once it is written that `escrowed` was current in `run`. When another value is said to be current as lately, the
 * source is asked again which of them is, and a fact that is newer than theirs says so. Whichever of two rounds writes last sees
 * both facts.
 * @param now of the writing, and not the run's: another may have begun since
 */
export async function settleCurrent(
  buckets: EscrowBuckets,
  escrowed: EscrowedKey,
  run: string,
  { source, place, now }: { source: KeySource; place: KeyPlace; now: Date },
): Promise<void> {
  const said = selectCurrentSince(await listEscrow(buckets.home.reader, escrowed.system, escrowed.key, now), run);
  if (said.length < 2) return;
  const current = await findCurrent(said, source, place);
  const newest = said.map((one) => one.run).reduce((latest, one) => (one > latest ? one : latest));
  if (current === undefined || said.every((one) => one === current || one.run < current.run)) return;
  const fact = { format: FACT_FORMAT, ...escrowed, fingerprint: current.fingerprint, kind: 'current' as const, id: idAfter(newest) };
  await putFacts(buckets, [fact]);
}

async function findCurrent(said: readonly CurrentRun[], source: KeySource, place: KeyPlace): Promise<CurrentRun | undefined> {
  for (const one of said)
    for (const secretVersion of one.secretVersions)
      try {
        const { content, isCurrent } = await source.read(place, secretVersion);
        if (content.kind === 'binary') content.bytes.fill(0);
        if (isCurrent) return one;
      } catch (error) {
        // A version that is gone is not the current one.
        if (!(error instanceof KeySourceUnavailable) || error.reason !== 'version-missing') throw error;
      }
  return undefined;
}
