/** What an audit says that it looked at: nothing is not the same as a vault with nothing in it. */
import { expect, it } from 'vitest';
import { buildEvidence } from '../../../core/audit/build-evidence.ts';
import type { AuditTally } from '../../../core/audit/contract.ts';
import { auditBody, describeScope } from '../../../core/audit/message.ts';

const NOTHING: AuditTally = { points: 0, wholePoints: 0, listed: 0, versions: 0, findings: 1, calls: 0 };
const keyArn = 'arn:aws:kms:eu-central-1:000000000000:key/k';
const evidenceOf = (tally: AuditTally) =>
  buildEvidence(
    {
      run: '20261121T085000Z-abcdef',
      execution: 'e',
      assets: [],
      sample: { residues: [] },
      isWhole: true,
      tally,
      findings: [{ kind: 'key-disabled', alias: 'alias/holdfast/ida/vault', stack: 'holdfast-ida-vault', keyArn }],
    },
    { system: 'ida', side: 'vault', region: 'eu-central-1', bucket: 'b', planFile: 'plans/ida.yaml' },
    new Date('2026-11-21T09:00:00Z'),
  );

it('a vault whose key is disabled was not looked at, and is not said to be empty', () => {
  expect(auditBody(evidenceOf(NOTHING), 'evidence/x')).toContain('Scope      no point was looked at, since the vault cannot be read');
  expect(describeScope(NOTHING, 'replica')).not.toMatch(/\d/);
});

it('a vault that was read and has nothing yet has no points', () => {
  expect(describeScope({ ...NOTHING, calls: 1 }, 'vault')).toBe('0 points, of 0 every object, of the others a sample: 0 versions');
  expect(auditBody(evidenceOf({ ...NOTHING, points: 1, wholePoints: 1, versions: 3, calls: 1 }), 'evidence/x')).toContain(
    'Scope      1 point, every object of it: 3 versions',
  );
});
