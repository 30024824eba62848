/** What the key watches saw of KMS keys and sources, as reasons of the assets that hang on them. Pure. */
import { placeOf } from '../escrow/key-place.ts';
import type { VaultSide } from '../vault/side.ts';
import type { KeyWatchRecord } from '../watch/key-record.ts';
import { explainUsed, isEndangered, type Used } from '../watch/used.ts';
import type { Reason } from './colour.ts';
import type { JudgedAsset } from './judged.ts';
import { PLACE_NAMES } from './places.ts';

/** The newest record of each region that could be read. */
export type KeyWatches = Partial<Record<VaultSide, KeyWatchRecord>>;

/** By the end of an alias: which of the system's own keys an asset hangs on. */
const OWN_KEYS: Record<JudgedAsset['kind'], readonly string[]> = { key: ['escrow', 'fingerprint'], postgres: ['vault', 'evidence'] };

/**
 * A KMS key that is disabled or about to go, and a source that is deleted. What is bad stays so until a look says otherwise, however
 * old the record is; that nobody looks is an alarm of its own.
 */
export function judgeUsed(asset: JudgedAsset, watches: KeyWatches): Reason[] {
  return (['vault', 'replica'] as const).flatMap((place) =>
    (watches[place]?.used ?? [])
      .filter((used) => isEndangered(used) && hangsOn(asset, used))
      .map((used): Reason => {
        const text = `${explain(used)} (${PLACE_NAMES[place]}, seen ${watches[place]?.at.slice(0, 16).replace('T', ' ') ?? ''} UTC)`;
        // What is in escrow of a source that is gone stays there: nothing newer comes.
        return used.kind === 'key' ? { colour: 'red', code: 'kms-key-endangered', text } : { colour: 'amber', code: 'source-gone', text };
      }),
  );
}

const explain = (used: Used) => {
  const text = explainUsed(used);
  return text.charAt(0).toUpperCase() + text.slice(1);
};

function hangsOn(asset: JudgedAsset, used: Used): boolean {
  const of = used.kind === 'source' ? used.source : used.encrypts;
  if (of === undefined) {
    const alias = used.kind === 'key' ? (used.alias ?? used.formerAlias) : undefined;
    return OWN_KEYS[asset.kind].includes(alias?.split('/').at(-1) ?? '');
  }
  // A login whose key is gone is no login: no backup is made, and nothing restored, until there is another.
  if (asset.kind === 'postgres') return of.store === 'secret' && [asset.source?.secret, asset.restore?.secret].includes(of.name);
  if (!asset.source) return false;
  const { store, name } = placeOf(asset.source);
  return store === of.store && name === of.name;
}
