/** Names of the facts that runs leave beside a value, and which of them count. Pure. */
import { hasBegun } from '../vault/ids.ts';

const KINDS = ['readback', 'lost', 'current', 'unguarded'] as const;
export type RunFactName = { kind: (typeof KINDS)[number]; run: string };

const NAME = new RegExp(`(?:^|/)(${KINDS.join('|')})-([^/]+)\\.json$`);

/**
 * What the name of a fact says, when a run that has begun gives such a name. Who may write facts may write others: one that is dated
 * ahead would be the newest for years and hide what is true, and one of no instant at all could not be told the age of.
 * @param key of the object, or its name alone
 */
export function parseRunFact(key: string, now: Date): RunFactName | undefined {
  const [, kind, run] = NAME.exec(key) ?? [];
  return run !== undefined && isKind(kind) && hasBegun(run, now) ? { kind, run } : undefined;
}

const isKind = (kind: string | undefined): kind is RunFactName['kind'] => KINDS.some((one) => one === kind);
