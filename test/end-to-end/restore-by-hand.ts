/** Runs docs/restore-by-hand.md as it is written: its blocks of shell, with stock programs, and nothing of Holdfast's. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { DeployedSystem } from '../helpers/deployed-system.ts';

const PAGE = new URL('../../docs/restore-by-hand.md', import.meta.url);
/** Pinned: what the page was tried with. */
const STOCK = ['awscli==1.46.2', 'aws-encryption-sdk-cli==4.3.0'];

const page = readFileSync(PAGE, 'utf8');
const BLOCKS = new Map([...page.matchAll(/^```sh (\w+)\n([\s\S]*?)^```$/gm)].map(([, name, code]) => [name!, code!]));

/** A block of the page, with values filled in where it assigns one, as its reader does. */
function block(name: string, values: Record<string, string> = {}): string {
  let code = BLOCKS.get(name);
  if (code === undefined) throw new Error(`The page has no block ${name}`);
  for (const [variable, value] of Object.entries(values)) {
    const assignment = new RegExp(`^${variable}=.*$`, 'm');
    if (!assignment.test(code)) throw new Error(`The block ${name} does not assign ${variable}`);
    code = code.replace(assignment, () => `${variable}='${value}'`);
  }
  return code;
}

const WAIT_MILLISECONDS = 200;

/** The stock command lines of AWS, in an environment of their own below `.holdfast`. Several suites may ask at once; one installs. */
export function installStockTools(): string {
  const directory = new URL('../../.holdfast/stock-tools', import.meta.url).pathname;
  const bin = join(directory, 'bin');
  const installed = join(directory, 'installed');
  const turn = join(inject('sharedDirectory'), 'stock-tools');
  if (!block('install').includes(STOCK[1]!)) throw new Error(`The page installs something else than ${STOCK[1]}`);
  while (!existsSync(installed)) {
    try {
      mkdirSync(turn);
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MILLISECONDS);
      continue;
    }
    try {
      if (existsSync(installed)) break;
      mkdirSync(directory, { recursive: true });
      execFileSync('python3', ['-m', 'venv', directory]);
      execFileSync(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', '--no-compile', ...STOCK]);
      writeFileSync(installed, STOCK.join('\n'));
    } finally {
      rmdirSync(turn);
    }
  }
  return bin;
}

export type ByHand = {
  system: {
    directory: string;
    plan: { system: string; home: { region: string }; replica: { region: string } };
    place: Pick<DeployedSystem['place'], 'accountId' | 'accessKeyId' | 'secretAccessKey' | 'endpointUrl' | 'caPath'>;
  };
  toolsBin: string;
  asset: string;
  point: string;
  from: 'vault' | 'replica';
};

/**
 * The page is the whole script: its own `set` is what stops it.
 * @param earlier directory of a run that has fetched the point's records: its reader goes on there
 */
function runPage(order: ByHand, database: string, code: string[], earlier?: string): string {
  const { system, toolsBin, asset, point, from } = order;
  const { place, plan } = system;
  const cwd = earlier ?? mkdtempSync(join(system.directory, 'by-hand-'));
  const region = from === 'vault' ? plan.home.region : plan.replica.region;
  const names = { SYSTEM: plan.system, ASSET: asset, FROM: from, REGION: region, ACCOUNT: place.accountId, DATABASE: database };
  const records = earlier === undefined ? [block('find'), block('point', { POINT: point })] : [];
  const script = [block('names', names), ...records, ...code].join('\n');
  const postgres = inject('postgres');
  execFileSync('bash', ['-c', script], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [toolsBin, postgres.binDir, '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
      HOME: cwd,
      PGHOST: 'localhost',
      PGPORT: String(postgres.port),
      PGUSER: postgres.superuser,
      PGPASSWORD: postgres.password,
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: postgres.caPath,
      AWS_ACCESS_KEY_ID: place.accessKeyId,
      AWS_SECRET_ACCESS_KEY: place.secretAccessKey,
      AWS_ENDPOINT_URL: place.endpointUrl,
      AWS_CA_BUNDLE: place.caPath,
    },
  });
  return cwd;
}

/**
 * Restores a point into a new database of the test server, and counts. Throws what the shell said when a step fails.
 * @param between shell that is run once the manifest is there
 * @returns directory in which the next step of the page goes on
 */
export function restoreByHand(
  order: ByHand & { format: 'custom' | 'plain' | 'segmented'; database: string },
  between = '',
  earlier?: string,
): string {
  return runPage(order, order.database, [between, block('fetch'), block(order.format), block('count')], earlier);
}

/** Opens the envelope of the key that the point names, as who has its records already; answers with the value. */
export function openKeyByHand(order: ByHand, key: string, earlier: string): string {
  const keep = 'cp key.bin kept';
  const cwd = runPage(order, 'none', [block('policy'), block('keys', { KEY: key }), keep, block('after')], earlier);
  if (existsSync(join(cwd, 'key.bin'))) throw new Error('The page leaves the key behind');
  const value = readFileSync(join(cwd, 'kept'), 'utf8');
  rmSync(join(cwd, 'kept'));
  return value;
}
