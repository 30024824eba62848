import { resolve } from 'node:path';
import { z } from 'zod';
import { valuesWithoutFile } from '../core/escrow/offline/without-file.ts';
import { escrowBucketName } from '../core/names.ts';
import { offlineTerms } from '../core/restore/key-needs.ts';
import { chooseAsset } from './assets.ts';
import { READING_EXITS } from './exit-codes.ts';
import { table } from './output/table.ts';
import { FromPlace } from './place.ts';
import { FROM_OPTION } from './points.ts';
import { defineVerb } from './verb.ts';
import { plural } from '../core/quantities.ts';

export const escrowExport = defineVerb({
  name: 'escrow export',
  summary:
    'Write the offline files of the keys to a directory, such as a removable medium, with a sheet and checksums; they stay encrypted',
  positionals: [{ name: 'key', help: 'the key asset (all in escrow when left out, those that have left the plan too)', isRequired: false }],
  options: [{ flags: '--to <directory>', help: 'a directory that is empty or not there yet' }, FROM_OPTION],
  isRemote: true,
  examples: ['npx holdfast escrow export --to /media/usb/ida', 'npx holdfast escrow export wallet-encryption-key --to ida --from replica'],
  exits: [...READING_EXITS, 'ProblemsFound', 'DiskFull', 'KeyNotRecoverable'],
  input: z.strictObject({
    key: z.string().optional(),
    to: z.string(),
    from: FromPlace,
  }),
  async run(context, { key, to, from }) {
    const plan = context.plan();
    const asked = plan.assets.filter((asset) => asset.kind === 'key');
    const terms = offlineTerms(plan.assets);
    const directory = resolve(context.frame.workingDirectory, to);
    const { checkDirectory } = await import('./export/target-directory.ts');
    await checkDirectory(directory, 'escrow export');
    const [{ openBucket }, { listEscrow, namesOfKeys }, { readOfflineFiles }, { writeMedium }] = await Promise.all([
      import('../adapters/s3/bucket.ts'),
      import('../adapters/escrow/list-escrow.ts'),
      import('../adapters/escrow/offline/read-offline.ts'),
      import('./escrow/write-medium.ts'),
    ]);
    const connection = await context.connect();
    const { region, account } = from === 'vault' ? plan.home : plan.replica;
    const bucket = escrowBucketName({ system: plan.system, account: account ?? connection.account, region });
    const { reader } = openBucket(bucket, connection.settings(region), context.frame.environment);
    const inEscrow = await namesOfKeys(reader, plan.system);
    const named = asked.map(({ id }) => id);
    // Older points need the values of keys that have left the plan: they are on a medium as long as they are in escrow.
    const keys =
      key === undefined
        ? [...new Set([...named, ...inEscrow])]
        : [inEscrow.includes(key) ? key : chooseAsset(plan, 'key', key, 'escrow export').id];
    const found = [];
    const uncovered: { key: string; fingerprint: string }[] = [];
    const problems: Awaited<ReturnType<typeof readOfflineFiles>>['problems'] = [];
    for (const id of keys) {
      const read = await readOfflineFiles(reader, plan.system, id, context.frame.now());
      found.push(...read.files);
      problems.push(...read.problems);
      const offline = terms[id];
      const states = offline ? [...(await listEscrow(reader, plan.system, id, context.frame.now())).values()] : [];
      uncovered.push(...(offline ? valuesWithoutFile(states, offline.recipients) : []).map((fingerprint) => ({ key: id, fingerprint })));
    }
    const stopping = new AbortController();
    const forget = context.frame.onInterrupt(() => stopping.abort());
    const exportedAt = context.frame.now().toISOString();
    const list = await writeMedium(directory, { system: plan.system, exportedAt, from: `s3://${bucket}` }, found, stopping.signal).finally(
      forget,
    );
    const without = keys.filter((id) => named.includes(id) && !list.files.some((file) => file.key === id && file.isCurrent));
    return {
      data: { ...list, without, uncovered, problems },
      text: (paint) =>
        [
          table(
            ['KEY', 'FINGERPRINT', 'FILE', ''],
            list.files.map((file) => [file.key, file.fingerprint.slice(0, 16), file.file, file.isCurrent ? 'in use' : 'earlier value']),
          ),
          ...without.map((id) =>
            paint('red', `${id}: the value in use has no offline file. Run \`npx holdfast escrow ${id}\` once the plan names recipients`),
          ),
          ...uncovered.map((one) =>
            paint(
              'red',
              `${one.key} ${one.fingerprint.slice(0, 16)}: no file for the recipients of the plan. \`npx holdfast escrow ${one.key}\` makes one while the ` +
                'source holds the value; else only sheets of before open it offline, so keep them',
            ),
          ),
          ...problems.map((one) =>
            paint(
              'red',
              `${one.key} ${one.fingerprint.slice(0, 16)}: no whole file for the recipients ${one.recipients} (${one.problem}). ` +
                `\`npx holdfast escrow ${one.key}\` makes another while the source holds the value; else export --from ${from === 'vault' ? 'replica' : 'vault'}`,
            ),
          ),
          `${paint('green', plural(list.files.length, 'file'))} written to ${to}, from the computer’s memory to the medium, and read back. Unmount it, put it in again and check it there, now and at any time: \`sha256sum -c SHA256SUMS\``,
          ...(list.files.length === 0
            ? []
            : [
                `Next: prove before witnesses that it gives the keys: \`npx holdfast escrow prove-offline --medium ${to} --witness <name>\``,
              ]),
        ].join('\n\n'),
      ...(without.length > 0 || uncovered.length > 0 || problems.length > 0 ? { exit: 'ProblemsFound' as const } : {}),
    };
  },
});
