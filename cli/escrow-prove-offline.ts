import { resolve } from 'node:path';
import { z } from 'zod';
import { UsageWrong } from './errors.ts';
import { STARTING_EXITS } from './start-machine.ts';
import { defineVerb } from './verb.ts';

export const escrowProveOffline = defineVerb({
  name: 'escrow prove-offline',
  summary:
    'Recover the keys of a medium from the custodians’ shares, or an identity, before witnesses, compare fingerprints, and record the proof; no value is shown',
  positionals: [],
  options: [
    { flags: '--medium <directory>', help: 'what `holdfast escrow export` wrote' },
    { flags: '--witness <name>', help: 'who sees it; can be repeated', isRepeatable: true },
    { flags: '--identity <file>', help: 'no shares: an identity of age that somebody holds whole; - for one that comes through a pipe' },
    { flags: '--proof <file>', help: 'instead of both: a proof that was held and could not be recorded; nobody is asked for a share' },
  ],
  isRemote: true,
  leavesNoTraces: true,
  examples: [
    'npx holdfast escrow prove-offline --medium /media/usb/ida --witness Ana --witness Ben',
    'npx holdfast escrow prove-offline --medium /media/usb/ida --witness Ana --identity /dev/shm/identity.txt',
    'npx holdfast escrow prove-offline --proof /media/usb/ida-proof-20261121T085000Z.json',
  ],
  exits: ['ProblemsFound', ...STARTING_EXITS, 'KeyNotRecoverable', 'ShareUnusable', 'VaultUnavailable', 'VaultRefused'],
  input: z.strictObject({
    medium: z.string().optional(),
    identity: z.string().optional(),
    proof: z.string().optional(),
    witness: z.array(z.string().trim().min(1, 'is a name')).default([]),
  }),
  async run(context, { medium, identity, proof, witness }) {
    const { frame } = context;
    const problems: string[] = [];
    if (proof !== undefined && (medium !== undefined || identity !== undefined || witness.length > 0))
      problems.push('--proof is of a proof that was held: medium and witnesses stand in it, and nobody opens anything');
    if (proof === undefined && medium === undefined) problems.push('--medium is missing');
    if (proof === undefined && witness.length === 0) problems.push('--witness is missing: a proof that nobody saw is none');
    if (problems.length > 0) throw new UsageWrong('escrow prove-offline', problems);
    const [{ holdProof }, { keepProof, readKeptProof }, { sendProof }, { describeProof }, { portionsOf }] = await Promise.all([
      import('./escrow/hold-proof.ts'),
      import('./escrow/kept-proof.ts'),
      import('./escrow/send-proof.ts'),
      import('./escrow/describe-proof.ts'),
      import('../core/escrow/offline/proof.ts'),
    ]);
    if (proof !== undefined) {
      const path = resolve(frame.workingDirectory, proof);
      const kept = readKeptProof(path, proof, context.plan().system);
      const sent = await sendProof(context, kept, path);
      return 'stopped' in sent ? sent.stopped : describeProof(kept.proofs, sent, []);
    }
    const directory = resolve(frame.workingDirectory, medium ?? '');
    const held = await holdProof(context, { directory, named: medium ?? '', witness, identity });
    const kept = { format: 'holdfast/kept-proof/v1' as const, system: context.plan().system, proofs: portionsOf(held.proof) };
    const sent = await sendProof(context, kept, keepProof(directory, frame.workingDirectory, kept));
    return 'stopped' in sent ? sent.stopped : describeProof(kept.proofs, sent, held.damaged);
  },
});
