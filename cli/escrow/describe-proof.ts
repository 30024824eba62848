import { ceremonyOf, inFours } from '../../core/escrow/offline/identity.ts';
import type { MediumFile } from '../../core/escrow/offline/medium.ts';
import { bestOfEach, type Proof } from '../../core/escrow/offline/proof.ts';
import { table } from '../output/table.ts';
import type { Answer } from '../verb.ts';
import { notAsExported } from './read-medium.ts';
import type { SentProof } from './send-proof.ts';

const SAID = { damaged: 'is damaged', 'other-value': 'holds another value' } as const;

/** @param proofs the portions of one proof, at least one */
export function describeProof(proofs: readonly Proof[], sent: SentProof, damaged: readonly MediumFile[]): Answer {
  const results = proofs.flatMap((portion) => portion.results);
  const { recipient = '', shares = [], witnesses = [] } = proofs[0] ?? {};
  const isProven = bestOfEach(results).every(({ outcome }) => outcome === 'passed');
  const isWhole = damaged.length === 0 && results.every(({ outcome }) => outcome === 'passed');
  return {
    data: { ...sent, proof: { ...proofs[0], results }, mediumDamaged: damaged.map(({ file }) => file) },
    text: (paint) =>
      [
        table(
          ['KEY', 'FINGERPRINT', ''],
          [
            ...results.map(({ key, fingerprint, outcome, reason }) => [
              key,
              fingerprint.slice(0, 16),
              outcome === 'passed'
                ? paint('green', 'recovered, fingerprint is the same')
                : paint('red', `the file ${reason ? SAID[reason] : 'failed'}`),
            ]),
            ...damaged.map(({ key, fingerprint, file }) => [
              key,
              fingerprint.slice(0, 16),
              paint('yellow', `not tried: ${notAsExported(file)}`),
            ]),
          ],
        ),
        `${
          shares.length > 0
            ? `From the shares ${shares.join(', ')} of the ceremony ${inFours(ceremonyOf(recipient))}`
            : `With the identity of the recipient ${recipient}`
        }, before ${witnesses.join(', ')}`,
        ...sent.evidence.map((key) => `Evidence: ${key}`),
        ...(isProven
          ? []
          : [
              'Next: `npx holdfast escrow` makes another file while the source holds the value; then export the keys again, and prove that medium',
            ]),
        ...(damaged.length === 0 ? [] : ['Next: prove what was not tried from another medium, or export the keys again']),
      ].join('\n'),
    ...(isProven ? (isWhole ? {} : { exit: 'ProblemsFound' as const }) : { exit: 'KeyNotRecoverable' as const }),
  };
}
