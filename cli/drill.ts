import { z } from 'zod';
import { DrillOutput } from '../core/drill/contract.ts';
import { chooseAsset } from './assets.ts';
import { lookForLost } from './look-for-lost.ts';
import { STARTING_EXITS, STARTING_OPTIONS, startAndWatch, startingInput } from './start-machine.ts';
import { defineVerb } from './verb.ts';

export const drill = defineVerb({
  name: 'drill',
  summary: 'Restore a point into a throwaway database and check it against the plan',
  positionals: [{ name: 'asset', help: 'the database asset (may be left out when the plan has one)', isRequired: false }],
  options: [
    { flags: '--point <point>', help: 'a point of `holdfast list` (default: the newest verified one)' },
    {
      flags: '--from <place>',
      help: 'vault or replica (default: vault); from the replica nothing of the home region is needed',
    },
    ...STARTING_OPTIONS,
  ],
  isRemote: true,
  examples: ['npx holdfast drill', 'npx holdfast drill postgres --from replica', 'npx holdfast drill postgres --point 20261121T020000Z'],
  exits: [
    ...STARTING_EXITS,
    'PointMissing',
    'PointDamaged',
    'Stalled',
    'RestoreFailed',
    'DiskFull',
    'ThrowawayUnavailable',
    'NotIsolated',
    'CheckFailed',
    'DrillCouldNotRun',
    'KeyNotRecoverable',
    'PointArchived',
  ],
  input: z.strictObject({
    asset: z.string().optional(),
    point: z.string().optional(),
    from: z.enum(['vault', 'replica'], { error: 'is vault or replica' }).optional(),
    ...startingInput,
  }),
  async run(context, { asset: id, point, from, ...wishes }) {
    const choice = { ...(point === undefined ? {} : { point }), ...(from === undefined ? {} : { from }) };
    const input = wishes.watch === undefined ? { asset: chooseAsset(context.plan(), 'postgres', id, 'drill').id, ...choice } : undefined;
    if (input) await lookForLost(context, input);
    return startAndWatch(context, {
      verb: 'drill',
      stage: 'drill',
      from,
      input: input ?? {},
      wishes,
      describe(output) {
        const passed = DrillOutput.parse(output);
        return {
          data: passed,
          text: (paint) =>
            `${paint('green', 'passed')} ${passed.asset}/${passed.point} from the ${passed.from}: this point is proven\nEvidence: ${passed.evidence}`,
        };
      },
    });
  },
});
