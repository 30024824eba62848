import { z } from 'zod';
import { AuditOutput } from '../core/audit/contract.ts';
import { describeScope } from '../core/audit/message.ts';
import { SAMPLE_DAYS } from '../core/audit/sample.ts';
import { chooseAsset } from './assets.ts';
import type { Paint } from './output/paint.ts';
import { FromPlace } from './place.ts';
import { FROM_OPTION } from './points.ts';
import { STARTING_EXITS, STARTING_OPTIONS, startAndWatch, startingInput } from './start-machine.ts';
import { defineVerb } from './verb.ts';
import { plural } from '../core/quantities.ts';

export const audit = defineVerb({
  name: 'audit',
  summary: 'Compare locks, encryption, buckets, keys and policies with what the plan says, and name what puts each deviation right',
  positionals: [{ name: 'asset', help: 'the database asset (all assets, and evidence, when left out)', isRequired: false }],
  options: [
    { flags: '--all', help: `look at every version of every point, not at the newest points and the ${SAMPLE_DAYS}th part of the others` },
    FROM_OPTION,
    ...STARTING_OPTIONS,
  ],
  isRemote: true,
  examples: ['npx holdfast audit', 'npx holdfast audit postgres --all', 'npx holdfast audit --from replica --output json'],
  exits: ['ProblemsFound', ...STARTING_EXITS],
  input: z.strictObject({
    asset: z.string().optional(),
    all: z.boolean().default(false),
    from: FromPlace,
    ...startingInput,
  }),
  run(context, { asset, all, from, ...wishes }) {
    const chosen = asset === undefined ? {} : { asset: chooseAsset(context.plan(), 'postgres', asset, 'audit').id };
    return startAndWatch(context, {
      verb: 'audit',
      stage: 'audit',
      from,
      input: { ...chosen, ...(all ? { all } : {}) },
      wishes,
      describe(output) {
        const answer = AuditOutput.parse(output);
        return {
          data: { from, ...answer },
          text: (paint) => render(answer, from, paint),
          exit: answer.findings > 0 ? 'ProblemsFound' : 'Done',
        };
      },
    });
  },
});

function render({ findings, told, looked, evidence }: AuditOutput, from: 'vault' | 'replica', paint: Paint): string {
  const scope = describeScope(looked, from);
  const head =
    findings === 0
      ? `${paint('green', `The ${from} is as the plan says`)} (${scope})`
      : `${paint('red', `${plural(findings, 'deviation')} of the ${from} from the plan`)} (${scope})`;
  const left = findings - told.length;
  return [
    head,
    ...told.flatMap(({ what, fix, command }, index) => ['', `${index + 1}. ${what}.`, `   Fix: ${fix}.`, `   ${paint('bold', command)}`]),
    ...(left > 0 ? ['', paint('dim', `${left} more: see the evidence`)] : []),
    '',
    `Evidence: ${evidence.join(', ')}`,
  ].join('\n');
}
