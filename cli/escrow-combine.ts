import { lstatSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { identityFile, inFours } from '../core/escrow/offline/identity.ts';
import { UsageWrong } from './errors.ts';
import { isWritableDirectory } from './escrow/writable-directory.ts';
import { defineVerb } from './verb.ts';

export const escrowCombine = defineVerb({
  name: 'escrow combine',
  summary: 'Rebuild the offline identity from the custodians’ shares, as a file for stock `age`; no network is used',
  positionals: [],
  options: [{ flags: '--to <file>', help: 'a new file for the identity; best in memory, and destroyed after use' }],
  isRemote: false,
  leavesNoTraces: true,
  examples: ['npx holdfast escrow combine --to /dev/shm/identity.txt'],
  exits: ['BadInput', 'DiskFull', 'ShareUnusable', 'Interrupted'],
  input: z.strictObject({ to: z.string() }),
  async run({ frame }, { to }) {
    const file = resolve(frame.workingDirectory, to);
    if (isThere(file)) throw new UsageWrong('escrow combine', [`--to ${to} is there already, and nothing is written over`]);
    // Before custodians have typed their shares: nobody should have to type them twice.
    if (!isWritableDirectory(dirname(file)))
      throw new UsageWrong('escrow combine', [`--to ${to}: there is no directory ${dirname(file)} that can be written into`]);
    const { gatherIdentity } = await import('./escrow/gather-shares.ts');
    const { writeSecretFile } = await import('./escrow/secret-files.ts');
    const { secret, recipient, ceremony, numbers } = await gatherIdentity(frame);
    try {
      writeSecretFile(file, identityFile(secret, ceremony));
    } finally {
      secret.fill(0);
    }
    return {
      data: { ceremony, recipient, shares: numbers, identity: to },
      text: (paint) =>
        [
          `${paint('green', 'The identity is rebuilt')} from the shares ${numbers.join(', ')} of the ceremony ${inFours(ceremony)}.`,
          '',
          `  age -d -i ${to} -o value file.age     opens an offline file`,
          `  shred -u ${to}                        when that is done`,
        ].join('\n'),
    };
  },
});

/** A link that leads nowhere is there too. A directory that may not be looked into is told as one that may not be written into. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
