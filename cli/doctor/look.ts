import { HoldfastError } from '../../core/failure/error.ts';
import type { Finding } from '../../core/plan/finding.ts';
import type { Connection } from '../connection.ts';
import { AwsLoginMissing } from '../errors.ts';

export type Part = { what: string; seen: string; findings: Finding[] };

/** What cannot be looked at is a finding: the rest is looked at all the same. */
export async function look(what: string, seen: string, judge: () => Promise<Finding[]>): Promise<Part> {
  try {
    return { what, seen, findings: await judge() };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { what, seen, findings: [{ severity: 'error', path: what, value: error.failure, problem: error.message, fix: error.advice }] };
  }
}

/**
 * Of another account than home's: that these credentials may not look there says nothing of what is there. What is not there, or does
 * not answer, is a finding as anywhere.
 */
export function lookIn(
  account: string,
  { account: own }: Pick<Connection, 'account'>,
  what: string,
  seen: string,
  judge: () => Promise<Finding[]>,
): Promise<Part> {
  if (account === own) return look(what, seen, judge);
  return look(what, seen, () =>
    judge().catch((error: unknown): Finding[] => {
      if (!(error instanceof AwsLoginMissing)) throw error;
      const problem = `Not seen: it is in the account ${account}, where these credentials may not look`;
      return [
        {
          severity: 'warning',
          path: what,
          value: error.failure,
          problem,
          fix: 'Look there as well: `npx holdfast doctor --profile <name>`',
        },
      ];
    }),
  );
}
