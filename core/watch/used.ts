/** What the system uses and somebody can end: its KMS keys, the secrets and parameters that hold the keys of the plan, and its logins. Pure. */
import * as z from 'zod';
import { KEY_STORES } from '../escrow/key-place.ts';

const Place = z.strictObject({ store: z.enum(KEY_STORES), name: z.string() });
const Instant = z.iso.datetime({ offset: false });

/**
 * `unseen`: nobody could say, which is neither good nor bad; `detail` says why, and of an unusable key how KMS calls its state.
 * `endsAt`: of a key that is to be deleted the day; `since`: what Secrets Manager has for the date of a deleted secret.
 */
export const UsedKey = z.strictObject({
  kind: z.literal('key'),
  /** By which the system finds it. */
  alias: z.string().optional(),
  /** The alias names another key now, or is gone: what was done with this one hangs on it still. */
  formerAlias: z.string().optional(),
  arn: z.string().optional(),
  /** The secret or parameter that is encrypted under it, of a key that is not the system's own. */
  encrypts: Place.optional(),
  state: z.enum(['works', 'disabled', 'deletion-scheduled', 'gone', 'unusable', 'unseen']),
  endsAt: Instant.optional(),
  detail: z.string().optional(),
});
export type UsedKey = z.infer<typeof UsedKey>;

export const UsedSource = z.strictObject({
  kind: z.literal('source'),
  source: Place,
  /** Of a secret with which tasks and functions log in; absent of the source of a key. */
  holds: z.literal('login').optional(),
  state: z.enum(['works', 'deletion-scheduled', 'gone', 'unseen']),
  since: Instant.optional(),
  detail: z.string().optional(),
});
export type UsedSource = z.infer<typeof UsedSource>;

export const Used = z.discriminatedUnion('kind', [UsedKey, UsedSource]);
export type Used = z.infer<typeof Used>;

export const nameUsed = (used: Used): string => {
  if (used.kind === 'source') return `the ${used.source.store} ${used.source.name}`;
  if (used.encrypts) return `the key of the ${used.encrypts.store} ${used.encrypts.name}`;
  if (used.formerAlias !== undefined) return `the former key of ${used.formerAlias}`;
  return `the key ${used.alias ?? used.arn ?? 'without a name'}`;
};

export const isEndangered = ({ state }: Used): boolean => state !== 'works' && state !== 'unseen';
export const isUnseen = ({ state }: Used): boolean => state === 'unseen';

/** The secrets that are logged in with, and their keys. */
export function loginsAmong(used: readonly Used[]): Used[] {
  const logins = used.flatMap((one) => (one.kind === 'source' && one.holds === 'login' ? [one.source] : []));
  const isOf = ({ store, name }: UsedSource['source']) => logins.some((login) => login.store === store && login.name === name);
  return used.filter((one) => (one.kind === 'source' ? one.holds === 'login' : one.encrypts !== undefined && isOf(one.encrypts)));
}

/** What is wrong, as a sentence without its stop. */
export function explainUsed(used: Used): string {
  const name = `${nameUsed(used)}${used.kind === 'key' && used.arn !== undefined ? ` (${used.arn})` : ''}`;
  const said = used.detail === undefined ? '' : ` (${used.detail})`;
  switch (used.state) {
    case 'disabled':
      return `${name} is disabled`;
    case 'deletion-scheduled':
      if (used.kind === 'source') return `${name} is deleted, and can be restored until its window ends${dated(', as of', used.since)}`;
      return `${name} is to be deleted${dated(' on', used.endsAt)}`;
    case 'gone':
      return used.kind === 'source' ? `${name} is not there` : `${name}: there is no such key`;
    case 'unusable':
      return `${name} is in a state in which it cannot be used${said}`;
    case 'unseen':
      return `${name} could not be looked at${said}`;
    case 'works':
    default:
      return `${name} is in order`;
  }
}

const dated = (word: string, instant: string | undefined) => (instant === undefined ? '' : `${word} ${instant.slice(0, 10)}`);
