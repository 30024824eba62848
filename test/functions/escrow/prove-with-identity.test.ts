/** A proof by somebody who has the identity whole: a team without custodians, or a device that opens it into a pipe. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readOfflineFiles } from '../../../adapters/escrow/offline/read-offline.ts';
import { splitNewIdentity, combineShares } from '../../../adapters/escrow/offline/secret-sharing.ts';
import { describeProof } from '../../../cli/escrow/describe-proof.ts';
import { holdProof } from '../../../cli/escrow/hold-proof.ts';
import { writeMedium } from '../../../cli/escrow/write-medium.ts';
import type { Context } from '../../../cli/verb.ts';
import { packRecipients } from '../../../core/escrow/offline/contract.ts';
import { identityFile, recipientOf, secretsOf } from '../../../core/escrow/offline/identity.ts';
import { joinShares } from '../../../core/escrow/offline/join-shares.ts';
import { readProofInput } from '../../../core/escrow/offline/proof.ts';
import { hasProgram } from '../../helpers/program.ts';
import { rootSettings } from '../../helpers/servers.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, type EscrowWorld } from './escrow-world.ts';
import { keyInSource } from './key-in-source.ts';

const NOW = new Date('2026-11-21T09:00:00Z');
let world: EscrowWorld;
let place: string;
let file: string;
let recipient: string;
let value: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'identity-'));
  world = await makeEscrowWorld(inject('emulator'));
  const ceremony = await splitNewIdentity(2, 2);
  ({ recipient } = ceremony);
  const { secret } = await joinShares(ceremony.shares, combineShares);
  file = identityFile(secret, ceremony.ceremony);
  writeFileSync(join(place, 'team.txt'), file);
  const made = await keyInSource(world, 'wallet');
  ({ value } = made);
  await made.escrow(1, { ...world.escrowPorts(), offline: packRecipients([{ id: 'wallet', recipients: [recipient] }]) });
  const { files } = await readOfflineFiles(world.bucket(HOME).reader, world.system, 'wallet', AFTER_ALL_RUNS);
  const about = { system: world.system, exportedAt: '2026-11-20T08:00:00.000Z', from: 's3://escrow' };
  await writeMedium(join(place, 'medium'), about, files, new AbortController().signal);
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

const hold = (identity: string, piped = '', now = NOW) => {
  const context = {
    frame: { workingDirectory: place, now: () => now, stdin: Readable.from(piped === '' ? [] : [Buffer.from(piped)]) },
    plan: () => ({ system: world.system, home: { region: HOME } }),
    tell: () => undefined,
    connect: () => Promise.resolve({ settings: (region: string) => rootSettings(region) }),
  } as unknown as Context;
  return holdProof(context, { directory: join(place, 'medium'), named: 'medium', witness: ['Ana'], identity });
};

describe('a proof with an identity', () => {
  it('is held at no time before the export: a clock that was lost would date it so that it counts for nothing', async () => {
    await expect(hold('team.txt', '', new Date('2020-01-01T00:00:00Z'))).rejects.toThrow(/clock says 2020-01-01/);
  });

  it.each([
    ['of a file', () => hold('team.txt')],
    ['of a pipe', () => hold('-', file)],
  ])('%s is one like that of shares, and asks for none', async (_, act) => {
    const { proof, damaged } = await act();
    expect(damaged).toEqual([]);
    expect(proof).toMatchObject({ recipient, shares: [], witnesses: ['Ana'], results: [{ key: 'wallet', outcome: 'passed' }] });
    // The machine takes it.
    expect(readProofInput({ proof }, NOW)).toEqual(proof);
    const said = describeProof([proof], { runs: [], evidence: [], executions: [] }, []).text((__, text) => text);
    expect(said).toContain(`With the identity of the recipient ${recipient}, before Ana`);
    for (const secret of [value, file.split('\n')[2]!]) expect(said + JSON.stringify(proof)).not.toContain(secret);
  });

  it.each([
    ['that is not there', 'none.txt', '', 'cannot be read'],
    ['that is none', '-', 'age-encryption.org/v1\n', 'holds no identity of age'],
    ['with a slip in it', '-', 'mistyped', 'holds no identity of age'],
    ['with others in one file', '-', 'twice', 'holds 2 identities'],
  ])('%s is refused', async (_, identity, piped, why) => {
    const [, , line = ''] = file.split('\n');
    const text = { mistyped: line.replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q')), twice: `${line}\n${line}\n` }[piped] ?? piped;
    const refused = hold(identity, text);
    await expect(refused).rejects.toMatchObject({ failure: 'BadInput' });
    await expect(refused).rejects.toThrow(why);
    await refused.catch((error: Error) => expect(error.message).not.toContain(line));
  });

  it('of somebody else is refused: no file was made for it', async () => {
    const { shares } = await splitNewIdentity(2, 2);
    const { secret } = await joinShares(shares, combineShares);
    await expect(hold('-', identityFile(secret, 'other'))).rejects.toThrow(
      `no file for the identity of the recipient ${recipientOf(secret)}`,
    );
  });

  it.skipIf(!hasProgram('age-keygen'))('of age-keygen is read as it stands', () => {
    const made = execFileSync('age-keygen', { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    const [secret] = secretsOf(made);
    expect(made).toContain(`# public key: ${recipientOf(secret!)}`);
  });
});
