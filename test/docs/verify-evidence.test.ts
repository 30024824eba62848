/** docs/verify-evidence.md, as it stands there, on a copy of the golden vault made with `aws s3 sync`: plain files, no network. */
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEM_GRADES } from '../../core/evidence/verify/findings.ts';

const run = promisify(execFile);
const page = readFileSync(new URL('../../docs/verify-evidence.md', import.meta.url), 'utf8');
const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const GOLDEN = fileURLToPath(new URL('../golden/vault-v1/', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../bin/holdfast.ts', import.meta.url));

const block = (name: string): string => {
  const found = new RegExp(`\`\`\`sh ${name}\n([^]*?)\`\`\``).exec(page)?.[1];
  if (found === undefined) throw new Error(`docs/verify-evidence.md has no block ${name}`);
  return found;
};

let directory: string;
/** As on a machine without any network, where the kernel lets us take it away. */
let withoutNetwork: string[];

async function shell(script: string, cwd = directory): Promise<{ code: number; stdout: string; stderr: string }> {
  const words = [...withoutNetwork, 'bash', '--norc', '-euo', 'pipefail', '-c', script];
  const env = { PATH: `${join(directory, 'bin')}:${process.env['PATH']}`, HOME: '/nonexistent' };
  try {
    return { code: 0, ...(await run('env', words, { cwd, env })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-verify-'));
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'bin', 'npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  chmodSync(join(directory, 'bin', 'npx'), 0o755);
  const copy = join(directory, 'copy-of-vault');
  cpSync(join(GOLDEN, 'objects'), copy, { recursive: true });
  // The forged version has a file of its own there; a sync would not have seen the one that is hidden by a delete marker.
  const forged = readdirSync(copy, { recursive: true, encoding: 'utf8' }).filter((name) => /manifest\.json\../.test(name));
  for (const name of forged) rmSync(join(copy, name));
  cpSync(join(GOLDEN, 'evidence-key.pem'), join(directory, 'evidence-key.pem'));
  withoutNetwork = await run('unshare', ['-rn', 'true']).then(
    () => ['unshare', '-rn'],
    () => [],
  );
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the page', () => {
  it('checks an untouched copy', async () => {
    const { code, stdout, stderr } = await shell(block('verify'));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/whole .*copy-of-vault: 5 signatures and 4 records of evidence checked, no problem/);
  });

  it('keeps the answer and compares the next one with it', async () => {
    const { code, stdout, stderr } = await shell(block('keep'));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/no problem/);
    // A chain that lost its end, and all that it was of.
    const lost = join(directory, 'copy-of-vault/chain/golden/postgres/000000002.json');
    const point = join(directory, 'copy-of-vault/catalog/golden/postgres/20261120T011500Z');
    for (const path of [lost, point]) renameSync(path, join(directory, path.split('/').at(-1)!));
    const again = await shell(block('keep').split('\n').at(-2)!);
    for (const path of [lost, point]) renameSync(join(directory, path.split('/').at(-1)!), path);
    expect(again.code).toBe(30);
    expect(again.stdout).toMatch(/chain-shortened/);
  });

  it('checks signatures and chains with jq and openssl alone, and finds a byte that was changed', async () => {
    const copy = join(directory, 'copy-of-vault');
    cpSync(join(directory, 'evidence-key.pem'), join(copy, 'evidence-key.pem'));
    const { code, stdout, stderr } = await shell(block('by-hand'), copy);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.match(/^signed: /gm)).toHaveLength(3);
    expect(stdout.match(/^whole: /gm)).toHaveLength(2);
    const path = join(copy, 'catalog/golden/plain/20261120T011500Z/manifest.json');
    const body = readFileSync(path);
    writeFileSync(path, body.toString().replace('"plain"', '"plaim"'));
    expect((await shell(block('by-hand'), copy)).code).not.toBe(0);
    rmSync(join(copy, 'evidence-key.pem'));
    const found = await shell(block('verify'));
    expect(found.code).toBe(30);
    expect(found.stdout).toMatch(/signature-invalid catalog\/golden\/plain/);
    writeFileSync(path, body);
  });

  it('says what every exit code means, and the runbook what every kind of problem means', () => {
    expect(page.match(/^\| (\d+) \|/gm)).toEqual(['| 0 |', '| 1 |', '| 30 |', '| 64 |']);
    const section = runbook.slice(runbook.indexOf('## Evidence problems'));
    for (const kind of Object.keys(PROBLEM_GRADES)) expect(section).toContain(`\`${kind}\``);
  });
});
