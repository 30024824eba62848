/** What is found out before custodians type, and what becomes of a proof that cannot be recorded at once. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepProof, keepRest, readKeptProof } from '../../../cli/escrow/kept-proof.ts';
import { findDamaged } from '../../../cli/escrow/read-medium.ts';
import { sendProof } from '../../../cli/escrow/send-proof.ts';
import { writeMedium } from '../../../cli/escrow/write-medium.ts';
import type { Context } from '../../../cli/verb.ts';
import { AwsLoginMissing } from '../../../cli/errors.ts';
import type { ExecutionEnd, Machines } from '../../../cli/machines.ts';
import { sha256Hex } from '../../../core/evidence/statement.ts';
import { portionsOf, readProofInput, type KeptProof, type Proof } from '../../../core/escrow/offline/proof.ts';
import { converse } from './hold-ceremony.ts';

let place: string;
beforeAll(() => (place = mkdtempSync(join(tmpdir(), 'prove-offline-'))));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const RECIPIENT = 'age1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dksu37mwt';
const hex = () => randomBytes(32).toString('hex');
const proofOf = (count: number): Proof => ({
  startedAt: '2026-11-21T08:50:00.000Z',
  finishedAt: '2026-11-21T08:53:20.000Z',
  recipient: RECIPIENT,
  shares: [1, 3],
  medium: { exportedAt: '2026-11-21T08:00:00.000Z', from: 's3://escrow' },
  witnesses: ['Ana'],
  results: Array.from({ length: count }, () => ({
    key: 'wallet-key',
    fingerprint: hex(),
    recipients: '0123456789abcdef',
    sha256: hex(),
    outcome: 'passed' as const,
  })),
});
const keptOf = (count: number): KeptProof => ({ format: 'holdfast/kept-proof/v1', system: 'ida', proofs: portionsOf(proofOf(count)) });

async function mediumOf(name: string, files = 2): Promise<string> {
  const found = Array.from({ length: files }, (_, index) => {
    const bytes = randomBytes(200);
    const fact = { key: `key-${index}`, fingerprint: hex(), id: hex().slice(0, 16), recipients: [RECIPIENT], sha256: sha256Hex(bytes) };
    const whole = { format: 'holdfast/escrow-fact/v1', kind: 'offline', system: 'ida', ...fact, bytes: bytes.length } as const;
    return { fact: whole, isCurrent: true, bytes };
  });
  const about = { system: 'ida', exportedAt: '2026-11-21T08:00:00.000Z', from: 's3://escrow' };
  await writeMedium(join(place, name), about, found, new AbortController().signal);
  return join(place, name);
}
const spoil = (path: string) => {
  const bytes = readFileSync(path);
  bytes[60]! ^= 1;
  writeFileSync(path, bytes);
};

describe('a medium', () => {
  it('of which a file is not as it was exported is told file by file', async () => {
    const medium = await mediumOf('one-bad', 3);
    const { files } = JSON.parse(readFileSync(join(medium, 'offline.json'), 'utf8')) as { files: { file: string; sha256: string }[] };
    spoil(join(medium, files[1]!.file));
    expect(findDamaged(medium, files as never)).toEqual([files[1]]);
  });

  it.each([
    ['no file of which is as it was exported', /\.age$/, 60, 'is as it was exported'],
    ['whose list is not as it was written', /^offline\.json$/, 60, 'is not as it was written'],
  ])('%s is refused before anybody types a share', async (name, spoilt, code, why) => {
    const medium = await mediumOf(name);
    const sums = readFileSync(join(medium, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
    for (const line of sums) if (spoilt.test(line.slice(66))) spoil(join(medium, line.slice(66)));
    const asked: string[] = [];
    const words = ['escrow', 'prove-offline', '--plan', 'plans/ida.yaml', '--medium', medium, '--witness', 'Ana'];
    const ended = await converse(words, (question) => void asked.push(question));
    expect([ended.code, asked]).toEqual([code, []]);
    expect(ended.stderr).toContain(why);
    expect(ended.stderr).toContain('another medium');
  });

  it('and a kept proof are not proven at once', async () => {
    const { code, stderr } = await converse(['escrow', 'prove-offline', '--proof', 'x.json', '--witness', 'Ana'], () => undefined);
    expect(code).toBe(64);
    expect(stderr).toContain('medium and witnesses stand in it');
  });
});

describe('a proof of many files', () => {
  it('is cut into portions that the machine takes, and nothing is lost', () => {
    const proof = proofOf(450);
    const portions = portionsOf(proof);
    expect(portions.map(({ results }) => results.length)).toEqual([200, 200, 50]);
    expect(portions.flatMap(({ results }) => results)).toEqual(proof.results);
    const now = new Date('2026-11-21T09:00:00Z');
    for (const portion of portions) {
      expect(readProofInput({ proof: portion }, now)).toEqual(portion);
      // Step Functions takes 262,144 bytes, and an execution's own fields stand beside it.
      expect(JSON.stringify({ proof: portion }).length).toBeLessThan(100_000);
    }
    expect(() => readProofInput({ proof }, now)).toThrow('results');
  });
});

describe('a proof that cannot be recorded', () => {
  /** Machines whose `ends` are taken one after the other. */
  const contextOf = (ends: (ExecutionEnd | Error)[], inputs: unknown[] = []) => {
    const machines: Machines = {
      outlivesUs: true,
      start: (_stage, input) => {
        inputs.push(input);
        return Promise.resolve(`arn:run-${inputs.length}`);
      },
      watch: () => {
        const end = ends.shift();
        return end instanceof Error ? Promise.reject(end) : Promise.resolve(end);
      },
      stop: () => Promise.resolve(),
    };
    const frame = { onInterrupt: () => () => undefined, now: () => new Date() };
    return {
      isQuiet: true,
      tell: () => undefined,
      frame,
      connect: () => Promise.resolve({ machines, where: 'here' }),
    } as unknown as Context;
  };
  const recorded = (run: string): ExecutionEnd => ({ status: 'succeeded', output: { run, evidence: [`evidence/${run}`] } });

  it('is kept beside the medium, without what is recorded by then, until all of it is', async () => {
    mkdirSync(join(place, 'stick'));
    const kept = keptOf(450);
    const path = keepProof(join(place, 'stick', 'ida'), place, kept)!;
    expect(path).toBe(join(place, 'stick', 'ida-proof-20261121T085000Z.json'));
    expect(readKeptProof(path, 'named', 'ida')).toEqual(kept);
    const inputs: unknown[] = [];
    const sending = sendProof(contextOf([recorded('one'), new AwsLoginMissing('Watching', 'the session has expired')], inputs), kept, path);
    await expect(sending).rejects.toMatchObject({
      failure: 'AwsLoginMissing',
      message: expect.stringContaining(`It is kept in ${path}`) as string,
      advice: expect.stringContaining(`--proof ${path}`) as string,
    });
    expect(inputs).toEqual(kept.proofs.slice(0, 2).map((proof) => ({ proof })));
    const rest = readKeptProof(path, 'named', 'ida');
    expect(rest.proofs).toEqual(kept.proofs.slice(1));

    // Somebody stops watching: whether it was recorded is not known, and the file stays.
    const stopped = await sendProof(contextOf([undefined as never]), rest, path);
    expect('stopped' in stopped && stopped.stopped.text((_, text) => text)).toContain(`--proof ${path}`);
    expect(existsSync(path)).toBe(true);

    expect(await sendProof(contextOf([recorded('two'), recorded('three')]), rest, path)).toMatchObject({
      runs: ['two', 'three'],
      evidence: ['evidence/two', 'evidence/three'],
    });
    expect(existsSync(path)).toBe(false);
  });

  it('is kept elsewhere when the medium takes nothing', () => {
    const medium = `ida-${hex()}`;
    const path = keepProof(join(place, 'read-only-or-gone', medium), place, keptOf(1))!;
    expect(path).toBe(join(place, `${medium}-proof-20261121T085000Z.json`));
    // One of the same moment is not written over.
    const other = keepProof(join(place, 'read-only-or-gone', medium), place, keptOf(1))!;
    expect(other).not.toBe(path);
    for (const one of [path, other]) keepRest(one, { format: 'holdfast/kept-proof/v1', system: 'ida' }, []);
  });

  it('is taken for none when it is of another system or was altered', () => {
    const path = join(place, 'kept.json');
    writeFileSync(path, JSON.stringify(keptOf(1)));
    expect(() => readKeptProof(path, 'kept.json', 'nmia')).toThrow('is of the system ida');
    writeFileSync(path, JSON.stringify({ ...keptOf(1), proofs: [] }));
    expect(() => readKeptProof(path, 'kept.json', 'ida')).toThrow('is no proof');
    expect(() => readKeptProof(join(place, 'none.json'), 'none.json', 'ida')).toThrow('cannot be read');
  });
});
