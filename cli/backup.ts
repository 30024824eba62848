import { z } from 'zod';
import { BackupOutput } from '../core/backup/contract.ts';
import { chooseAsset } from './assets.ts';
import { STARTING_EXITS, STARTING_OPTIONS, startAndWatch, startingInput } from './start-machine.ts';
import { defineVerb } from './verb.ts';

export const backup = defineVerb({
  name: 'backup',
  summary: 'Make a point of a database now: dumped, verified, locked, copied, signed',
  positionals: [{ name: 'asset', help: 'the database asset (may be left out when the plan has one)', isRequired: false }],
  options: STARTING_OPTIONS,
  isRemote: true,
  examples: [
    'npx holdfast backup',
    'npx holdfast backup postgres --plan plans/ida.yaml',
    'npx holdfast backup postgres --detach --output json',
  ],
  exits: [
    ...STARTING_EXITS,
    'SourceUnreachable',
    'SourceNotReady',
    'SourceLoginRefused',
    'SourceGrantMissing',
    'SourceTlsFailed',
    'ClientTooOld',
    'DumpInterruptedByServer',
    'DumpFailed',
    'Stalled',
    'VaultUnavailable',
    'VaultRefused',
    'PointDamaged',
    'TaskDidNotStart',
  ],
  input: z.strictObject({ asset: z.string().optional(), ...startingInput }),
  run(context, { asset: id, ...wishes }) {
    const input = wishes.watch === undefined ? { asset: chooseAsset(context.plan(), 'postgres', id, 'backup').id } : {};
    return startAndWatch(context, {
      verb: 'backup',
      stage: 'backup',
      input,
      wishes,
      describe(output) {
        const made = BackupOutput.parse(output);
        return {
          data: made,
          text: (paint) =>
            made.committed
              ? `${paint('green', 'committed')} ${made.asset}/${made.point}: verified, locked, copied to the replica and signed\nLook at it with: npx holdfast show ${made.asset}/${made.point}`
              : `${paint('yellow', 'nothing to do')}: ${made.reason}`,
        };
      },
    });
  },
});
