import { resolve } from 'node:path';
import { z } from 'zod';
import { inFours } from '../core/escrow/offline/identity.ts';
import { ProofOutput, type Proof } from '../core/escrow/offline/proof.ts';
import { keyAlias } from '../core/names.ts';
import { UsageWrong } from './errors.ts';
import { table } from './output/table.ts';
import { STARTING_EXITS, startAndWatch } from './start-machine.ts';
import { defineVerb } from './verb.ts';

const SAID = { damaged: 'is damaged', 'other-value': 'holds another value' } as const;

export const escrowProveOffline = defineVerb({
  name: 'escrow prove-offline',
  summary:
    'Recover the keys of a medium from the custodians’ shares before witnesses, compare fingerprints, and record the proof; no value is shown',
  positionals: [],
  options: [
    { flags: '--medium <directory>', help: 'what `holdfast escrow export` wrote' },
    { flags: '--witness <name>', help: 'who sees it; can be repeated', isRepeatable: true },
  ],
  isRemote: true,
  leavesNoTraces: true,
  examples: ['npx holdfast escrow prove-offline --medium /media/usb/ida --witness Ana --witness Ben'],
  exits: [...STARTING_EXITS, 'KeyNotRecoverable', 'ShareUnusable', 'VaultUnavailable', 'VaultRefused'],
  input: z.strictObject({ medium: z.string(), witness: z.array(z.string().trim().min(1, 'is a name')).default([]) }),
  async run(context, { medium, witness }) {
    const { frame } = context;
    if (witness.length === 0) throw new UsageWrong('escrow prove-offline', ['--witness is missing: a proof that nobody saw is none']);
    const [{ readMediumList }, { proveMedium, openerOf }, { gatherIdentity }, { hasFingerprint }, { kmsClients }] = await Promise.all([
      import('./escrow/read-medium.ts'),
      import('./escrow/prove-medium.ts'),
      import('./escrow/gather-shares.ts'),
      import('../adapters/escrow/offline/same-fingerprint.ts'),
      import('../adapters/escrow/kms-key.ts'),
    ]);
    const { system, home } = context.plan();
    const directory = resolve(frame.workingDirectory, medium);
    const list = readMediumList(directory, medium);
    if (list.system !== system)
      throw new UsageWrong('escrow prove-offline', [`--medium ${medium} is of the system ${list.system}, and the plan of ${system}`]);
    // Whichever ceremony the shares are of.
    if (list.files.length === 0)
      throw new UsageWrong('escrow prove-offline', [
        `--medium ${medium} holds no file of any key, so that there is nothing to prove: export the keys again`,
      ]);
    const connection = await context.connect();
    const kms = kmsClients(connection.settings(home.region))(home.region);
    const compare = (message: Uint8Array, fingerprint: string) =>
      hasFingerprint(kms, keyAlias(system, 'fingerprint'), message, fingerprint);
    // Whoever may not compare is told before custodians have typed for minutes.
    await compare(Buffer.from('holdfast/may-compare'), '00'.repeat(32));
    const startedAt = frame.now().toISOString();
    const { secret, recipient, ceremony, numbers } = await gatherIdentity(frame);
    const files = list.files.filter(({ recipients }) => recipients.includes(recipient));
    const results = await proveMedium(files, { directory, list, open: openerOf(secret), compare }).finally(() => secret.fill(0));
    if (results.length === 0)
      throw new UsageWrong('escrow prove-offline', [
        `--medium ${medium} holds no file for the identity of the ceremony ${inFours(ceremony)}: use the shares of the ceremony that its sheet names`,
      ]);
    const proof: Proof = {
      startedAt,
      finishedAt: frame.now().toISOString(),
      recipient,
      shares: numbers,
      medium: { exportedAt: list.exportedAt, from: list.from },
      witnesses: witness,
      results,
    };
    const isProven = results.every(({ outcome }) => outcome === 'passed');
    return startAndWatch(context, {
      verb: 'escrow prove-offline',
      stage: 'escrow',
      input: { proof },
      wishes: { detach: false, stopOnInterrupt: false },
      describe(output) {
        const { run, evidence } = ProofOutput.parse(output);
        return {
          data: { run, evidence, proof },
          text: (paint) =>
            [
              table(
                ['KEY', 'FINGERPRINT', ''],
                results.map(({ key, fingerprint, outcome, reason }) => [
                  key,
                  fingerprint.slice(0, 16),
                  outcome === 'passed'
                    ? paint('green', 'recovered, fingerprint is the same')
                    : paint('red', `the file ${reason ? SAID[reason] : 'failed'}`),
                ]),
              ),
              `From the shares ${numbers.join(', ')} of the ceremony ${inFours(ceremony)}, before ${witness.join(', ')}`,
              ...evidence.map((key) => `Evidence: ${key}`),
            ].join('\n'),
          ...(isProven ? {} : { exit: 'KeyNotRecoverable' as const }),
        };
      },
    });
  },
});
