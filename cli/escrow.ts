import { z } from 'zod';
import { plural } from '../core/quantities.ts';
import { EscrowOutput } from '../core/escrow/contract.ts';
import { explainWithoutValue } from '../core/escrow/empty-versions.ts';
import { chooseAsset } from './assets.ts';
import { table } from './output/table.ts';
import { STARTING_EXITS, STARTING_OPTIONS, startAndWatch, startingInput } from './start-machine.ts';
import { defineVerb } from './verb.ts';

export const escrow = defineVerb({
  name: 'escrow',
  summary: 'Put every version of the keys into escrow, and open each copy in both regions',
  positionals: [{ name: 'key', help: 'the key asset (all of the plan when left out)', isRequired: false }],
  options: STARTING_OPTIONS,
  isRemote: true,
  examples: [
    'npx holdfast escrow',
    'npx holdfast escrow wallet-encryption-key --plan plans/ida.yaml',
    'npx holdfast escrow --output json --quiet',
  ],
  exits: [...STARTING_EXITS, 'KeyNotRecoverable', 'KeySourceUnavailable', 'KeyNotInSecret'],
  input: z.strictObject({ key: z.string().optional(), ...startingInput }),
  run(context, { key, ...wishes }) {
    const input = key === undefined ? {} : { key: chooseAsset(context.plan(), 'key', key, 'escrow').id };
    return startAndWatch(context, {
      verb: 'escrow',
      stage: 'escrow',
      input,
      wishes,
      describe(output) {
        const { run, versions, withoutValue, later, older, recent, evidence } = EscrowOutput.parse(output);
        return {
          data: { run, versions, withoutValue, later, recent, evidence },
          text: (paint) =>
            [
              table(
                ['KEY', 'VERSION', 'FINGERPRINT', ''],
                versions.map((version) => [
                  version.key,
                  version.secretVersion,
                  version.fingerprint.slice(0, 16),
                  version.created
                    ? paint('green', 'put into escrow, opened in both regions')
                    : version.openedBy
                      ? 'was in escrow, opened in both regions within a week'
                      : 'was in escrow, opened in both regions',
                ]),
              ),
              ...withoutValue.map((one) => paint('yellow', explainWithoutValue(one))),
              ...(later > 0
                ? [
                    paint(
                      'yellow',
                      `${plural(later, 'more value is', 'more values are')} left for the next run: this one had as many as it can take`,
                    ),
                  ]
                : []),
              ...(recent > 0
                ? [paint('dim', `Opened in both regions within a week, and not again: ${plural(recent, 'earlier value')}`)]
                : []),
              ...(versions.length + withoutValue.length + older + evidence.length === 0
                ? ['The plan has no key, and nothing is in escrow']
                : []),
              ...evidence.map((key) => `Evidence: ${key}`),
            ].join('\n'),
        };
      },
    });
  },
});
