/** What is tried in attacks, and how: on which objects, keys and secrets, and one request for each way. */
import { envelope, HOME, REPLICA, type askOf, type BucketKind, type KeyKind } from '../infra/asks.ts';
import type { Decision } from '../infra/policy-matcher.ts';
import { ACCOUNT } from '../infra/synthesized.ts';

export type Ask = ReturnType<typeof askOf>;

export const BUCKETS = ['vault', 'replica', 'escrow', 'replica-escrow'] as const satisfies BucketKind[];
export const VAULTS = ['vault', 'replica'] as const satisfies BucketKind[];
const REGIONS = [HOME, REPLICA];
export const inBoth = (key: KeyKind) => REGIONS.map((region): [KeyKind, string] => [key, region]);
export const KEYS = (['vault', 'escrow', 'fingerprint', 'evidence'] as const).flatMap(inBoth);

export const DATA = 'data/ida/postgres/2026/11/21/20261121T011500Z/0001-1/dump-0001';
export const MANIFEST = 'catalog/ida/postgres/20261121T011500Z/manifest.json';
/** A fact of a kind beside the point. */
export const fact = (kind: string) => MANIFEST.replace('manifest', `${kind}-20261121T100000Z-3fa9c1`);
export const RECORDS = ['evidence/ida/2026/drill-20261121T011500Z-3fa9c1.json', 'chain/ida/postgres/000000001.json'];
export const CENTURY = {
  's3:object-lock-remaining-retention-days': '36500',
  's3:if-none-match': '*',
  's3:ObjectCreationOperation': 'true',
};
export const MONTH = { 's3:object-lock-remaining-retention-days': '30' };
export const ONCE = { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' };
export const OVERWRITE = { 's3:ObjectCreationOperation': 'true' };
export const WALLET = envelope('ida', 'wallet-encryption-key');
const secrets = (name: string) => REGIONS.map((region) => `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${name}-AbCdEf`);

/** One request for each way. */
const each = <T>(ways: readonly T[], ask: (way: T) => Decision): Decision[][] => ways.map((way) => [ask(way)]);
export const ofObjects = (action: string, buckets: readonly BucketKind[], keys: string[], context?: Record<string, string>) => {
  const ways = buckets.flatMap((bucket) => keys.map((key) => ({ bucket, key })));
  return (role: string, ask: Ask) => each(ways, ({ bucket, key }) => ask.object(role, action, bucket, key, context));
};
export const ofKeys = (actions: string[], keys: [KeyKind, string][], context: Record<string, string | string[]> = {}) => {
  const ways = actions.flatMap((action) => keys.map(([key, region]) => ({ action, key, region })));
  return (role: string, ask: Ask) => each(ways, ({ action, key, region }) => ask.key(role, action, key, region, context));
};
export const others = (ways: [action: string, resource: string][], context?: Record<string, string>) => (role: string, ask: Ask) =>
  each(ways, ([action, resource]) => ask.other(role, action, resource, context));
export const readSecrets = (...names: string[]) =>
  others(names.flatMap((name) => secrets(name).map((arn): [string, string] => ['secretsmanager:GetSecretValue', arn])));

export const RUN = '20261121T100000Z-3fa9c1';
const SIDES = [
  { side: 'vault', region: HOME, suffix: '' },
  { side: 'replica', region: REPLICA, suffix: '-replica' },
] as const;
/** What is said of approvals, each beside its own vault. */
export const ofApprovals =
  (action: string, keyOf: (side: 'vault' | 'replica') => string, context?: Record<string, string>) => (role: string, ask: Ask) =>
    SIDES.map(({ side }) => [ask.object(role, action, side, keyOf(side), context)]);
export const MACHINES = SIDES.map(({ region, suffix }) => `arn:aws:states:${region}:${ACCOUNT}:stateMachine:holdfast-ida-restore${suffix}`);
/** The functions that people call: those that decide, and those that take requests. */
export const URLS = ['decide', 'take-request'].flatMap((name) =>
  SIDES.map(({ region, suffix }) => `arn:aws:lambda:${region}:${ACCOUNT}:function:holdfast-ida-approval-${name}${suffix}`),
);

/** The function that takes what people say of a restore. */
export const WORDS = SIDES.map(
  ({ region, suffix }) => `arn:aws:lambda:${region}:${ACCOUNT}:function:holdfast-ida-sign-off-take-word${suffix}`,
);

/** A call of a function by its URL, as IAM is asked about it. */
export const BY_URL = { 'lambda:FunctionUrlAuthType': 'AWS_IAM' };
