import { z } from 'zod';
import { BackupOutput } from '../core/backup/contract.ts';
import type { BackupInput } from '../core/backup/contract.ts';
import { isSlot } from '../core/vault/ids.ts';
import { chooseAsset, choosePoint, postgresAssets } from './assets.ts';
import { UsageWrong } from './errors.ts';
import { tellUnfinished } from './look-for-unfinished.ts';
import { STARTING_EXITS, STARTING_OPTIONS, startAndWatch, startingInput } from './start-machine.ts';
import { defineVerb } from './verb.ts';
import type { Context } from './verb.ts';

export const backup = defineVerb({
  name: 'backup',
  summary: 'Make a point of a database now: dumped, verified, locked, copied, signed',
  positionals: [{ name: 'asset', help: 'the database asset (may be left out when the plan has one)', isRequired: false }],
  options: [
    {
      flags: '--finish <point>',
      help: 'no new dump: finish a point whose run ended after its dump (verify, lock, copy, sign and link it)',
    },
    ...STARTING_OPTIONS,
  ],
  isRemote: true,
  examples: [
    'npx holdfast backup',
    'npx holdfast backup postgres --plan plans/ida.yaml',
    'npx holdfast backup postgres --finish 20261121T020000Z',
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
    'DumpTruncated',
    'Stalled',
    'SourceChanged',
    'SourceHalfRestored',
    'PointMissing',
    'PointDamaged',
  ],
  input: z
    .strictObject({ asset: z.string().optional(), finish: z.string().optional(), ...startingInput })
    .refine(({ watch, finish }) => watch === undefined || finish === undefined, {
      path: ['finish'],
      message: 'starts an execution, and --watch starts none',
    }),
  run(context, { asset: id, finish, ...wishes }) {
    const wanted = wishes.watch === undefined ? request(context, id, finish) : undefined;
    return startAndWatch(context, {
      verb: 'backup',
      stage: 'backup',
      input: wanted ?? {},
      wishes,
      whenStopped: () => tellUnfinished(context, wanted ? [wanted.asset] : postgresAssets(context.plan()).map((asset) => asset.id)),
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

function request(context: Context, id: string | undefined, finish: string | undefined): z.input<typeof BackupInput> {
  const plan = context.plan();
  if (finish === undefined) return { asset: chooseAsset(plan, 'postgres', id, 'backup').id };
  const { asset, point } = choosePoint(plan, finish, id, 'backup');
  if (!isSlot(point)) throw new UsageWrong('backup', ['--finish names one point, by the id that `holdfast list` shows']);
  return { asset: asset.id, point };
}
