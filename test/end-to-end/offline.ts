/**
 * What custodians do, from the ceremony to a value that stock `age` opens: before the system is deployed, and on it, as processes of
 * their own. A part of a suite that has escrowed the key before and after a rotation.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announceLocalSystem } from '../../cli/local-system.ts';
import { MediumList } from '../../core/escrow/offline/medium.ts';
import { KeptProof, OfflineProofEvidence } from '../../core/escrow/offline/proof.ts';
import { parseJson } from '../../core/parse-json.ts';
import { signatureKey } from '../../core/vault/keys.ts';
import { combine, converse, holdCeremony } from '../cli/escrow/hold-ceremony.ts';
import { holdfastHere } from '../cli/run-holdfast.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';
import { hasProgram } from '../helpers/program.ts';

const KEY = 'wallet-encryption-key';
const PROGRAM = fileURLToPath(new URL('holdfast-at.ts', import.meta.url));
const RUN_MILLISECONDS = 120_000;
const UNPROVEN = expect.stringContaining('No witness ever saw its offline file') as string;

export type OfflineCeremony = { recipient: string; /** Rows of each sheet. */ sheets: string[][] };

/** As it is held, before there is anything to deploy. */
export async function holdOfflineCeremony(): Promise<OfflineCeremony> {
  const place = mkdtempSync(join(tmpdir(), 'holdfast-ceremony-'));
  try {
    const { code, stderr, sheets } = await holdCeremony(join(place, 'ceremony'), { custodians: ['Ana', 'Ben', 'Cem'], threshold: 2 });
    if (code !== 0) throw new Error(stderr);
    const recipient = readFileSync(join(place, 'ceremony', 'recipient.txt'), 'utf8').trim();
    return { recipient, sheets: sheets.map(({ rows }) => rows) };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

export const offlineFor = ({ recipient }: OfflineCeremony) => ({ offline: { recipients: [recipient], proofValid: 'P6M' } });

export const describeOffline = (deployed: () => DeployedSystem, held: () => OfflineCeremony) =>
  describe('the custodians', { timeout: RUN_MILLISECONDS }, () => {
    let system: DeployedSystem;
    let place: string;
    let medium: string;
    beforeAll(() => {
      system = deployed();
      // Searched with all else for what is secret.
      place = mkdtempSync(join(system.directory, 'custodians-'));
      medium = join(place, 'medium');
    });
    const localDirectory = () => join(place, 'local');
    let withdraw = () => {};
    const announce = (changed: Partial<DeployedSystem['local']> = {}) => {
      withdraw = announceLocalSystem(localDirectory(), { ...system.local, ...changed });
    };
    afterAll(() => withdraw());

    const here = (words: string[]) => holdfastHere([...words, '--plan', system.planPath], { localDirectory: localDirectory() });
    const typing = (words: string[], shares: string[][]) => {
      const lines = shares.flat();
      return converse([...words, '--plan', system.planPath, '--output', 'json'], () => lines.shift(), {
        program: [process.execPath, PROGRAM],
        environment: { LOCAL_DIRECTORY_OF_TEST: localDirectory() },
      });
    };
    /** What status says of proofs. */
    const reasonsOf = async () => {
      const { assets } = JSON.parse((await here(['status', '--output', 'json'])).stdout) as {
        assets: { asset: string; findings: { text: string }[] }[];
      };
      return assets.find(({ asset }) => asset === KEY)?.findings.flatMap(({ text }) => (/witness/i.test(text) ? [text] : []));
    };

    it('carry away every value that was escrowed, whole', async () => {
      announce();
      expect(await reasonsOf()).toEqual([UNPROVEN]);
      const { code, stderr } = await here(['escrow', 'export', '--to', medium]);
      expect([code, stderr]).toEqual([0, '']);
      const list = MediumList.parse(parseJson(readFileSync(join(medium, 'offline.json'))));
      expect(list.files.map(({ key, isCurrent }) => `${key} ${isCurrent}`).toSorted()).toEqual([`${KEY} false`, `${KEY} true`]);
      expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: medium }).toString()).not.toContain('FAILED');
    });

    it('prove it before witnesses, and do not type again when it cannot be recorded at once', async () => {
      const { sheets } = held();
      // The servers of the system are gone in the middle of it: no machine can be started.
      announce({ executionsTls: { certPath: join(place, 'gone'), keyPath: join(place, 'gone') } });
      const words = ['escrow', 'prove-offline', '--medium', medium, '--witness', 'Frida', '--witness', 'Gus'];
      const unsent = await typing(words, sheets.slice(1));
      expect(unsent.code, unsent.stderr).not.toBe(0);
      const [, path = ''] = /It is kept in (\S+), which holds no secret/.exec(unsent.stderr) ?? [];
      const kept = KeptProof.parse(parseJson(readFileSync(path)));
      expect(kept.proofs.flatMap(({ results }) => results.map(({ outcome }) => outcome))).toEqual(['passed', 'passed']);
      expect(await reasonsOf()).toEqual([UNPROVEN]);

      announce();
      const sent = await typing(['escrow', 'prove-offline', '--proof', path], []);
      expect(sent.code, sent.stderr).toBe(0);
      expect(() => readFileSync(path)).toThrow('ENOENT');
      const { evidence } = JSON.parse(sent.stdout) as { evidence: string[] };
      for (const vault of [system.vault, system.replica]) {
        const record = OfflineProofEvidence.parse(parseJson((await vault.get({ key: evidence[0]! }))!.body));
        expect(record).toMatchObject({ outcome: 'passed', recipient: held().recipient, shares: [2, 3], witnesses: ['Frida', 'Gus'] });
        expect(await vault.head({ key: signatureKey(evidence[0]!) })).toBeDefined();
      }
      expect(await reasonsOf()).toEqual([]);
      // Under the eyes of the suite: what the roles ask for when a proof is recorded.
      expect(await system.run('escrow', { proof: kept.proofs[0]! })).toMatchObject({ status: 'SUCCEEDED' });
    });

    it.skipIf(!hasProgram('age'))('open every value with stock age, and the one in use is what the secret holds', async () => {
      const { code, identity, stderr } = await combine(join(place, 'identity'), held().sheets.slice(0, 2));
      expect(code, stderr).toBe(0);
      expect(identity).toContain(held().recipient);
      const { files } = MediumList.parse(parseJson(readFileSync(join(medium, 'offline.json'))));
      const open = (isCurrent: boolean) =>
        execFileSync('age', ['-d', '-i', join(place, 'identity'), join(medium, files.find((file) => file.isCurrent === isCurrent)!.file)]);
      expect([open(false), open(true)].map((value) => value.toString())).toEqual([system.source.keyHex, 'ab'.repeat(32)]);
      writeFileSync(join(place, 'identity'), '');
    });
  });
