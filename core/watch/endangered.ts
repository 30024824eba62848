/** What of a key's state means that it is about to be lost, from an event of CloudTrail or from KMS itself. Pure. */
import * as z from 'zod';

/** Calls after which a key, or what it is found by, no longer works. */
export const KEY_CALLS = ['ScheduleKeyDeletion', 'DisableKey', 'DeleteImportedKeyMaterial', 'DeleteAlias', 'UpdateAlias'] as const;
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

/** A KMS key that the system uses. `arn` and `state` undefined: KMS did not say. */
export type UsedKey = { what: string; alias?: string | undefined; arn?: string | undefined; state?: string | undefined; problem?: string };

const WORKING = new Set(['Enabled', 'Creating', 'Updating']);

/** Of the keys as they are now. */
export const selectEndangered = (keys: readonly UsedKey[]): string[] =>
  keys.flatMap(({ what, arn, state, problem }) => {
    if (problem !== undefined) return [`${what}: ${problem}`];
    return state === undefined || WORKING.has(state) ? [] : [`${what} (${arn ?? 'unknown'}) is in the state ${state}`];
  });

export type KeyAlarm = { subject: string; text: string };

/** What to tell of an event; undefined when it is about nothing that the system uses. */
export function judgeKeyEvent({ time, detail }: KeyEvent, used: readonly UsedKey[], sources: readonly string[]): KeyAlarm | undefined {
  const { eventName = '', requestParameters, resources, userIdentity } = detail;
  const by = userIdentity?.arn ?? userIdentity?.principalId ?? 'an unknown caller';
  const outcome = detail.errorCode ? `, and AWS refused it (${detail.errorCode})` : '';
  const source = detail.name ?? requestParameters?.secretId ?? undefined;
  if (detail.operation === 'Delete' || eventName === 'DeleteSecret') {
    const name = sources.find((one) => isSource(one, source ?? ''));
    return name === undefined
      ? undefined
      : {
          subject: `the source of a key was deleted: ${name}`,
          text: `${by} deleted ${name} at ${time}${outcome}. What was in escrow stays there`,
        };
  }
  const alias = requestParameters?.aliasName ?? undefined;
  const named = [requestParameters?.keyId, ...(resources ?? []).map(({ ARN }) => ARN)].flatMap((id) => id ?? []);
  const hit = used.find((key) =>
    alias === undefined ? key.arn !== undefined && named.some((id) => isKey(key.arn, id)) : key.alias === alias,
  );
  // Where KMS did not say which keys are in use, one too many is told rather than one too few.
  const unclear = alias === undefined && used.some(({ arn, problem }) => arn === undefined && problem === undefined);
  if (!hit && !unclear) return undefined;
  const what = hit ? hit.what : 'a KMS key of this account, and it could not be told whether the system uses it';
  return {
    subject: `${eventName} of ${hit ? hit.what : 'a KMS key'}`,
    text: `${by} called ${eventName} for ${what} (${alias ?? named[0] ?? 'unknown'}) at ${time}${outcome}`,
  };
}

const isKey = (arn: string | undefined, id: string) => arn === id || arn?.endsWith(`key/${id}`) === true;

/** A secret's ARN ends with six random characters; a parameter's name is told with or without its first slash. */
const isSource = (name: string, told: string) =>
  told === name ||
  told.replace(/^\//, '') === name.replace(/^\//, '') ||
  told.replace(/^arn:.*?:secret:/, '').replace(/-[A-Za-z0-9]{6}$/, '') === name;
