/** What an audit leaves behind, and when it counts as the audit of the day. */
import { describe, expect, it } from 'vitest';
import type { AuditTally, WriteAuditRequest } from '../../../core/audit/contract.ts';
import { StoreUnavailable } from '../../../core/ports/object-errors.ts';
import { evidenceKey } from '../../../core/vault/keys.ts';
import { writeEvidence, type WriteAuditPorts } from '../../../functions/audit/write-evidence.ts';
import { HOME, makeVaultWorld } from '../vault-world.ts';
import { RUN } from './audit-world.ts';

const world = await makeVaultWorld();
const LOOKED: AuditTally = { points: 3, wholePoints: 3, listed: 30, versions: 20, findings: 0, calls: 1 };
const hidden = { kind: 'point-hidden', asset: 'main', point: 'p', key: 'k', versionId: 'v' } as const;

let runs = 0;
async function write(changed: Partial<WriteAuditRequest> = {}, vault: WriteAuditPorts['vault'] = world.vault) {
  const run = `${RUN}${runs++}`;
  const said: string[] = [];
  const ports: WriteAuditPorts = {
    system: world.system,
    side: 'vault',
    region: HOME,
    planFile: 'plans/ida.yaml',
    vault,
    now: () => new Date(),
    notifier: { publish: (subject) => Promise.resolve(void said.push(`told: ${subject}`)) },
    publish: (findings) => void said.push(`findings: ${findings}`),
    publishDone: () => void said.push('done'),
    warn: (what) => void said.push(`warned: ${what}`),
  };
  const request: WriteAuditRequest = {
    run,
    execution: 'e',
    assets: [],
    sample: { residues: [1] },
    isWhole: true,
    tally: LOOKED,
    findings: [],
    ...changed,
  };
  const failed = await writeEvidence(request, ports).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { said, failed, stands: await world.vault.get({ key: evidenceKey(world.system, 'audit', run) }) };
}

describe('an audit is that of the day', () => {
  it('once its evidence stands, whatever it found', async () => {
    expect(await write()).toMatchObject({ said: ['findings: 0', 'done'], failed: undefined, stands: expect.anything() as object });
    const { said } = await write({ findings: [hidden], tally: { ...LOOKED, findings: 1 } });
    expect(said).toEqual(['findings: 1', 'done', expect.stringMatching(/^told: /)]);
  });

  it('not when it is about one asset, could read nothing, or did not come to everything', async () => {
    expect((await write({ isWhole: false })).said).not.toContain('done');
    expect((await write({ tally: { ...LOOKED, calls: 0 } })).said).not.toContain('done');
    const cut = await write({ findings: [{ kind: 'not-looked-at', assets: ['main'] }], tally: { ...LOOKED, findings: 1 } });
    expect(cut.said).not.toContain('done');
  });

  it('not when its evidence could not be written, which is told all the same', async () => {
    const refused = { ...world.vault, putOnce: () => Promise.reject(new StoreUnavailable('write the evidence', 'its key is disabled')) };
    const { said, failed, stands } = await write({ findings: [hidden], tally: { ...LOOKED, findings: 1 } }, refused);
    expect(failed).toBeInstanceOf(StoreUnavailable);
    expect(stands).toBeUndefined();
    expect(said).toEqual(['findings: 1', expect.stringMatching(/^told: /)]);
  });
});
