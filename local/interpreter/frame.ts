/** Where a group of states runs: the whole machine, one branch of a Parallel, one iteration of a Map. */
import type { Clock, Host } from './host.ts';
import type { History } from './history.ts';
import type { Fields, Json, StateGroup } from './language.ts';
import { ERROR, StateFailed } from './errors.ts';
import type { Scope } from './evaluate.ts';

export type Frame = {
  host: Host;
  clock: Clock;
  history: History;
  /** The Context Object, but for `State`. */
  context: Fields;
  /** Variables of the scopes around this one and of this one; an inner scope reads outer ones and assigns only its own. */
  variables: Readonly<Record<string, Json>>;
  /** Aborts with the reason that ends this group: what the states in it throw is then that reason. */
  signal: AbortSignal;
  /** Position of the item, in a Map. */
  index?: number;
  runGroup(group: StateGroup, input: Json, frame: Frame): Promise<Json>;
};

/** One visit of one state, as the functions that run a type of state get it. */
export type Visit<S> = { name: string; state: S; input: Json; scope: Scope; frame: Frame };

/** Where the state leads and with what. `undefined` ends the group. */
export type Step = { next: string | undefined; output: Json; variables: Readonly<Record<string, Json>> };

/** 256 KiB of UTF-8: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const LARGEST_PAYLOAD_BYTES = 262_144;

export function checkSize(value: Json, state: string, what: string): void {
  if (Buffer.byteLength(JSON.stringify(value)) <= LARGEST_PAYLOAD_BYTES) return;
  throw new StateFailed(
    ERROR.dataLimit,
    `The state '${state}' returned ${what} with a size exceeding the maximum number of bytes service limit.`,
  );
}
