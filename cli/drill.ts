import { z } from 'zod';
import { DrillOutput } from '../core/drill/contract.ts';
import { ScenarioOutput } from '../core/drill/scenario.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import { isSlot } from '../core/vault/ids.ts';
import { chooseAsset } from './assets.ts';
import { UsageWrong } from './errors.ts';
import { lookForLost } from './look-for-lost.ts';
import type { Paint } from './output/paint.ts';
import { Place } from './place.ts';
import { STARTING_EXITS, STARTING_OPTIONS, startAndWatch, startingInput } from './start-machine.ts';
import { defineVerb } from './verb.ts';

export const drill = defineVerb({
  name: 'drill',
  summary: 'Restore a point into a throwaway database and check it against the plan',
  positionals: [
    { name: 'asset', help: 'the database asset (may be left out when the plan has one, or for all of a scenario)', isRequired: false },
  ],
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
    point: z.string().refine(isSlot, 'is no id of a point such as 20261121T020000Z').optional(),
    from: Place.optional(),
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
    const isSeveral = scenario !== undefined && id === undefined && scenario.assets.length > 1;
    if (isSeveral && point !== undefined)
      throw new UsageWrong('drill', [`--point: ${scenario.name} is about several assets, name the one`]);
    const asked = id ?? scenario?.assets[0];
    const one =
      isSeveral || wishes.watch !== undefined
        ? undefined
        : { asset: chooseAsset(context.plan(), 'postgres', asked, 'drill').id, ...choice };
    if (one) await lookForLost(context, one);
    return startAndWatch(context, {
      verb: 'drill',
      stage: 'drill',
      from,
      input: one ?? choice,
      wishes,
      describe(output) {
        const several = ScenarioOutput.safeParse(output);
        if (several.success) return describeScenario(several.data);
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

const describeScenario = (passed: z.infer<typeof ScenarioOutput>) => ({
  data: passed,
  text: (paint: Paint) =>
    `${paint('green', 'passed')} ${passed.scenario}: ${passed.assets.join(', ')} were restored, and each point is proven\nEvidence: ${passed.evidence}`,
});

/** Of several assets each has a drill with a verdict of its own, and the scenario has one of all. */
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
  if (id !== undefined && !found.assets.includes(id)) throw new UsageWrong('drill', [`asset: ${name} is about ${found.assets.join(', ')}`]);
  if (askedFrom !== undefined && askedFrom !== found.from)
    throw new UsageWrong('drill', [`--from: ${name} restores from the ${found.from}`]);
  return found;
}
