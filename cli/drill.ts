import { z } from 'zod';
import { DrillOutput } from '../core/drill/contract.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import { chooseAsset } from './assets.ts';
import { UsageWrong } from './errors.ts';
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
    { flags: '--scenario <name>', help: 'play one of the plan’s scenarios: its point, its vault, and its checks besides' },
    ...STARTING_OPTIONS,
  ],
  isRemote: true,
  examples: [
    'npx holdfast drill',
    'npx holdfast drill postgres --from replica',
    'npx holdfast drill postgres --point 20261121T020000Z',
    'npx holdfast drill --scenario accidental-deletion',
  ],
  exits: [
    ...STARTING_EXITS,
    'PointMissing',
    'PointDamaged',
    'Stalled',
    'RestoreFailed',
    'DiskFull',
    'ThrowawayUnavailable',
    'ApplicationUnavailable',
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
    scenario: z.string().optional(),
    ...startingInput,
  }),
  async run(context, { asset: id, point, from: askedFrom, scenario: name, ...wishes }) {
    const scenario = name === undefined ? undefined : findScenario(context.plan(), name, { askedFrom, id });
    const from = scenario?.from ?? askedFrom;
    const choice = {
      ...(point === undefined ? {} : { point }),
      ...(from === undefined ? {} : { from }),
      ...(name === undefined ? {} : { scenario: name }),
    };
    const asked = id ?? scenario?.assets[0];
    const input = wishes.watch === undefined ? { asset: chooseAsset(context.plan(), 'postgres', asked, 'drill').id, ...choice } : undefined;
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
          data: { ...passed, ...(name === undefined ? {} : { scenario: name }) },
          text: (paint) =>
            `${paint('green', 'passed')} ${passed.asset}/${passed.point} from the ${passed.from}${name === undefined ? '' : `, as ${name}`}: this point is proven\nEvidence: ${passed.evidence}`,
        };
      },
    });
  },
});

/** A scenario with several assets is drilled one by one, so that each has a verdict of its own. */
function findScenario(
  { scenarios }: ProtectionPlan,
  name: string,
  { askedFrom, id }: { askedFrom: string | undefined; id: string | undefined },
): ProtectionPlan['scenarios'][number] {
  const found = scenarios.find((one) => one.name === name);
  if (!found)
    throw new UsageWrong('drill', [
      `--scenario: the plan has no '${name}', but ${scenarios.map((one) => one.name).join(', ') || 'no scenario at all'}`,
    ]);
  if (id === undefined && found.assets.length > 1)
    throw new UsageWrong('drill', [`asset: ${name} is about several, drill each: ${found.assets.join(', ')}`]);
  if (id !== undefined && !found.assets.includes(id)) throw new UsageWrong('drill', [`asset: ${name} is about ${found.assets.join(', ')}`]);
  if (askedFrom !== undefined && askedFrom !== found.from)
    throw new UsageWrong('drill', [`--from: ${name} restores from the ${found.from}`]);
  return found;
}
