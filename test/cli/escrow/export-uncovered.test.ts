/** An export from an escrow of which the recipients of the plan have not every value: what is missing is named. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OfflineFact } from '../../../core/escrow/offline/contract.ts';
import { recipientsId } from '../../../core/escrow/offline/recipients.ts';
import { envelopeKey, escrowFactKey, offlineFileKey } from '../../../core/vault/keys.ts';
import { emulatorEnvironment, holdfastHere } from '../run-holdfast.ts';
import { makeWorld, type World } from '../world.ts';

const KEY = 'wallet-encryption-key';
const RECIPIENTS = ['age1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dksu37mwt'];
const OLD_RECIPIENTS = ['age1 of a ceremony before'];
const [earlier, current] = ['aa'.repeat(32), 'bb'.repeat(32)];

let world: World;
beforeAll(async () => {
  world = await makeWorld();
  Object.assign(process.env, emulatorEnvironment());
  const text = readFileSync(world.plan, 'utf8');
  const offline = `    escrow:\n      offline: { recipients: [${RECIPIENTS.join(', ')}] }\n`;
  writeFileSync(world.plan, text.replace('    escrow:\n', offline));
  for (const [fingerprint, run] of [
    [earlier, '20261101T004500Z-abcdef'],
    [current, '20261120T004500Z-abcdef'],
  ] as const) {
    await world.escrow.writer.putOnce(envelopeKey(world.system, KEY, fingerprint), 'sealed');
    await world.escrow.writer.putOnce(escrowFactKey(world.system, KEY, fingerprint, 'current', run), '{}');
  }
});
afterAll(() => world.remove());

async function putFile(fingerprint: string, recipients: string[], key = KEY): Promise<void> {
  const id = recipientsId(recipients);
  const bytes = Buffer.from(`age file of ${fingerprint} for ${id}`);
  const fact: OfflineFact = {
    format: 'holdfast/escrow-fact/v1',
    kind: 'offline',
    system: world.system,
    key,
    fingerprint,
    id,
    recipients,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
  };
  await world.escrow.writer.putOnce(offlineFileKey(world.system, key, fingerprint, id), bytes);
  await world.escrow.writer.putOnce(escrowFactKey(world.system, key, fingerprint, 'offline', id), JSON.stringify(OfflineFact.parse(fact)));
}

test('is written, and has problems until the recipients of the plan have a file of every value', async () => {
  const exported = async (name: string) => {
    const to = join(dirname(world.plan), name);
    const words = ['escrow', 'export', KEY, '--to', to, '--plan', world.plan];
    const text = await holdfastHere(words, { environment: emulatorEnvironment() });
    return { ...text, all: `${text.stdout}${text.stderr}` };
  };
  await putFile(earlier, OLD_RECIPIENTS);
  await putFile(current, RECIPIENTS);
  const lacking = await exported('lacking');
  expect(lacking.all).toContain(`${KEY} ${earlier.slice(0, 16)}: no file for the recipients of the plan`);
  expect(lacking.all).not.toContain(`${KEY} ${current.slice(0, 16)}: no file`);
  expect(lacking.all).toContain('2 files written');
  expect(lacking.code).not.toBe(0);
  await putFile(earlier, RECIPIENTS);
  const whole = await exported('whole');
  expect([whole.code, whole.all]).toEqual([0, expect.stringContaining('3 files written') as string]);
});

test('has the values of a key that has left the plan, and takes its name', async () => {
  const RETIRED = 'retired-key';
  await putFile('cc'.repeat(32), OLD_RECIPIENTS, RETIRED);
  for (const [name, words] of [
    ['all', []],
    ['one', [RETIRED]],
  ] as const) {
    const to = join(dirname(world.plan), `retired-${name}`);
    const { stdout } = await holdfastHere(['escrow', 'export', ...words, '--to', to, '--plan', world.plan, '--output', 'json'], {
      environment: emulatorEnvironment(),
    });
    const { files, without } = JSON.parse(stdout) as { files: { key: string }[]; without: string[] };
    expect(files.filter(({ key }) => key === RETIRED)).toHaveLength(1);
    expect(without).not.toContain(RETIRED);
  }
});
