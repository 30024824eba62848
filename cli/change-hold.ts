/** What `hold add` and `hold release` share: the machine of holds is run beside the vault, and then beside the replica. */
import { z } from 'zod';
import { HoldfastError } from '../core/failure/error.ts';
import { HoldInput, HoldOutput } from '../core/lock/contract.ts';
import { choosePoint, POINT_HELP } from './assets.ts';
import type { VaultPlace } from './connection.ts';
import { describeFailure } from './output/failure.ts';
import type { Paint } from './output/paint.ts';
import { Place } from './place.ts';
import { openPoints } from './points.ts';
import { STARTING_EXITS, startAndWatch } from './start-machine.ts';
import type { Answer, Context, Verb } from './verb.ts';
import { plural } from '../core/quantities.ts';

export const HOLD_POSITIONALS: Verb['positionals'] = [{ name: 'point', help: POINT_HELP, isRequired: true }];
export const HOLD_OPTIONS: Verb['options'] = [
  { flags: '--reason <text>', help: 'why, for whoever reads the evidence' },
  { flags: '--by <text>', help: 'who wants it (default: the ARN of the execution, which the account’s trail knows)' },
  { flags: '--asset <asset>', help: 'the database asset (default: the only one of the plan)' },
  { flags: '--only <place>', help: 'vault or replica (default: both; `replica` works without the home region)' },
  { flags: '--stop-on-interrupt', help: '^C stops the execution itself, not only the watching' },
];
export const HOLD_EXITS = [...STARTING_EXITS, 'ProblemsFound', 'PointMissing', 'VaultUnavailable', 'VaultRefused'] as const;
export const HoldWish = z.strictObject({
  point: z.string(),
  reason: HoldInput.shape.reason,
  name: HoldInput.shape.name,
  by: HoldInput.shape.by,
  asset: z.string().optional(),
  only: Place.optional(),
  stopOnInterrupt: z.boolean().default(false),
});

type Side = VaultPlace;
/** What became of it beside one of the two. */
type Outcome = { place: Side; execution?: string } & (
  { status: 'done'; output: z.output<typeof HoldOutput> } | { status: 'not done'; why: string }
);

export async function changeHold(context: Context, action: HoldInput['action'], wish: z.output<typeof HoldWish>): Promise<Answer> {
  const { asset, point: wished } = choosePoint(context.plan(), wish.point, wish.asset, `hold ${action}`);
  const places: Side[] = wish.only === undefined ? ['vault', 'replica'] : [wish.only];
  const point = await (await openPoints(context, places[0] ?? 'vault')).resolve(asset.id, wished);
  const outcomes: Outcome[] = [];
  let name = wish.name;
  for (const place of places) {
    const earlier = outcomes[0];
    if (earlier?.status === 'done' && !earlier.output.replicated) {
      outcomes.push({ place, status: 'not done', why: 'the point is not there yet: its hold comes with it' });
      break;
    }
    const { reason, by } = wish;
    const input = { action, asset: asset.id, point, reason, ...(name === undefined ? {} : { name }), ...(by === undefined ? {} : { by }) };
    const started = await run(context, `hold ${action}`, place, { input, stopOnInterrupt: wish.stopOnInterrupt }, outcomes.length > 0);
    if ('text' in started) return started;
    outcomes.push(started);
    // The replica is told of the same hold, whose name the first of the two may have chosen.
    if (started.status === 'done') name = started.output.hold;
  }
  const isWhole = outcomes.every(({ status }) => status === 'done');
  const data = { asset: asset.id, point, action, hold: name, places: outcomes };
  return {
    data,
    text: (paint) => outcomes.map((outcome) => sayOutcome(outcome, action, paint)).join('\n'),
    ...(isWhole ? {} : { exit: 'ProblemsFound' }),
  };
}

/** The answer itself when somebody stopped watching. A failure of the second place is told, for the first one's work is done. */
async function run(
  context: Context,
  verb: string,
  place: Side,
  { input, stopOnInterrupt }: { input: object; stopOnInterrupt: boolean },
  isSecond: boolean,
): Promise<Answer | Outcome> {
  try {
    let output: z.output<typeof HoldOutput> | undefined;
    const answer = await startAndWatch(context, {
      verb,
      stage: 'hold',
      from: place,
      input,
      wishes: { detach: false, stopOnInterrupt },
      describe(found) {
        output = HoldOutput.parse(found);
        return { data: output, text: () => '' };
      },
    });
    if (output === undefined) return answer;
    return { place, status: 'done', output };
  } catch (error) {
    if (!isSecond || !(error instanceof HoldfastError)) throw error;
    const { message } = describeFailure(error);
    return { place, status: 'not done', why: `${message}. Run the same with --only ${place} once that is put right` };
  }
}

function sayOutcome(outcome: Outcome, action: HoldInput['action'], paint: Paint): string {
  const where = outcome.place === 'vault' ? 'In the vault  ' : 'In the replica';
  if (outcome.status === 'not done') return `${where} ${paint('yellow', 'not done')}: ${outcome.why}`;
  const { hold, changed, holds, objects } = outcome.output;
  const done = action === 'add' ? (changed ? 'put on' : 'was on') : changed ? 'released' : 'was released';
  const standing = holds.length === 0 ? 'no hold stands on the point' : `on the point: ${holds.join(', ')}`;
  return `${where} ${paint('green', `${hold} ${done}`)}, ${plural(objects, 'object is', 'objects are')} as that says; ${standing}`;
}
