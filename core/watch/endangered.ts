/** What an event of CloudTrail says of the keys in use and of their sources. Pure. */
import * as z from 'zod';
import { isUnseen, nameUsed, type Used, type UsedKey } from './used.ts';

/** Calls after which a key, or what it is found by, no longer works, or may no longer work for everybody. */
export const KEY_CALLS = [
  'ScheduleKeyDeletion',
  'DisableKey',
  'DeleteImportedKeyMaterial',
  'DeleteAlias',
  'UpdateAlias',
  'PutKeyPolicy',
] as const;
/** Calls after which the value of a key asset is no longer where it is in use. */
export const SECRET_CALLS = ['DeleteSecret'] as const;

/** The part of an event that is looked at; EventBridge has chosen those that are about keys and sources. */
export const KeyEvent = z.object({
  time: z.string(),
  detail: z.object({
    eventName: z.enum([...KEY_CALLS, ...SECRET_CALLS]).optional(),
    errorCode: z.string().nullish(),
    userIdentity: z.object({ arn: z.string().optional(), principalId: z.string().optional() }).nullish(),
    requestParameters: z.object({ keyId: z.string().nullish(), aliasName: z.string().nullish(), secretId: z.string().nullish() }).nullish(),
    resources: z.array(z.object({ ARN: z.string().optional() })).nullish(),
    /** Of Parameter Store's own event. */
    name: z.string().optional(),
    operation: z.string().optional(),
  }),
});
export type KeyEvent = z.infer<typeof KeyEvent>;

/** `what`: which of the things that people are told to do helps. */
export type KeyAlarm = { what: 'key' | 'policy' | 'source' | 'login'; subject: string; text: string };

/** What to tell of an event; undefined when it is about nothing that the system uses. */
export function judgeKeyEvent({ time, detail }: KeyEvent, used: readonly Used[]): KeyAlarm | undefined {
  const { eventName = '', requestParameters, resources, userIdentity } = detail;
  const by = userIdentity?.arn ?? userIdentity?.principalId ?? 'an unknown caller';
  const outcome = detail.errorCode ? `, and AWS refused it (${detail.errorCode})` : '';
  if (detail.operation === 'Delete' || eventName === 'DeleteSecret') {
    const told = detail.name ?? requestParameters?.secretId ?? '';
    const hit = used.flatMap((one) => (one.kind === 'source' ? [one] : [])).find(({ source }) => isSource(source.name, told));
    if (!hit) return undefined;
    const text = `${by} deleted ${hit.source.name} at ${time}${outcome}`;
    return hit.holds === 'login'
      ? { what: 'login', subject: `a secret that is logged in with was deleted: ${hit.source.name}`, text }
      : { what: 'source', subject: `the source of a key was deleted: ${hit.source.name}`, text: `${text}. What was in escrow stays there` };
  }
  const keys = used.filter((one) => one.kind === 'key');
  const alias = requestParameters?.aliasName ?? undefined;
  const named = [requestParameters?.keyId, ...(resources ?? []).map(({ ARN }) => ARN)].flatMap((id) => id ?? []);
  const hit = keys.find((key) => (alias === undefined ? named.some((id) => isKey(key, id)) : key.alias === alias));
  // Where nobody could say which keys are in use, one too many is told rather than one too few.
  const unclear = alias === undefined && keys.some((key) => key.formerAlias === undefined && isUnseen(key));
  if (!hit && !unclear) return undefined;
  const what = hit ? nameUsed(hit) : 'a KMS key of this account, and it could not be told whether the system uses it';
  return {
    what: eventName === 'PutKeyPolicy' ? 'policy' : 'key',
    subject: `${eventName} of ${hit ? nameUsed(hit) : 'a KMS key'}`,
    text: `${by} called ${eventName} for ${what} (${alias ?? named[0] ?? 'unknown'}) at ${time}${outcome}`,
  };
}

const isKey = ({ arn, alias }: UsedKey, id: string) =>
  (arn !== undefined && (arn === id || arn.endsWith(`key/${id}`))) || (alias !== undefined && alias === id);

/** A secret's ARN ends with six random characters; a parameter's name is told with or without its first slash. */
const isSource = (name: string, told: string) =>
  told === name ||
  told.replace(/^\//, '') === name.replace(/^\//, '') ||
  told.replace(/^arn:.*?:secret:/, '').replace(/-[A-Za-z0-9]{6}$/, '') === name;
