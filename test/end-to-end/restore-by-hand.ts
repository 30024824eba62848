/** Runs docs/restore-by-hand.md as it is written: its blocks of shell, with stock programs, and nothing of Holdfast's. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { DeployedSystem } from '../helpers/deployed-system.ts';

const PAGE = new URL('../../docs/restore-by-hand.md', import.meta.url);
/** Pinned: what the page was tried with. */
const STOCK = ['awscli==1.46.2', 'aws-encryption-sdk-cli==4.3.0'];

/** The page's blocks, by heading number; `plain` is the one for a plain dump. */
function blocks(): { find: string; fetch: string; custom: string; plain: string; keys: string } {
  const [list, find, fetch, custom, plain, keys] = [...readFileSync(PAGE, 'utf8').matchAll(/^```sh[^\n]*\n([\s\S]*?)^```$/gm)].map(
    ([, code]) => code!,
  );
  return { find: `${list}\n${find}`, fetch: fetch!, custom: custom!, plain: plain!, keys: keys! };
}

/** The stock command lines of AWS, in an environment of their own below `.holdfast`. */
export function installStockTools(): string {
  const directory = new URL('../../.holdfast/stock-tools', import.meta.url).pathname;
  const bin = join(directory, 'bin');
  if (!existsSync(join(bin, 'aws-encryption-cli'))) {
    mkdirSync(directory, { recursive: true });
    execFileSync('python3', ['-m', 'venv', directory]);
    execFileSync(join(bin, 'pip'), ['install', '--quiet', ...STOCK]);
  }
  return bin;
}

export type ByHand = {
  system: DeployedSystem;
  toolsBin: string;
  asset: string;
  point: string;
  format: 'custom' | 'plain';
  database: string;
};

function shell(
  script: string,
  { system, toolsBin }: Pick<ByHand, 'system' | 'toolsBin'>,
  cwd: string,
  variables: Record<string, string>,
): string {
  const postgres = inject('postgres');
  const { place } = system;
  return execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
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
      AWS_DEFAULT_REGION: place.region,
      AWS_ENDPOINT_URL: place.endpointUrl,
      AWS_CA_BUNDLE: place.caPath,
      SYSTEM: system.plan.system,
      ...variables,
    },
  });
}

/** Restores a point into a new database of the test server. Throws what the shell said when a step fails. */
export function restoreByHand(order: ByHand): void {
  const cwd = mkdtempSync(join(order.system.directory, 'by-hand-'));
  const { find, fetch, custom, plain } = blocks();
  const variables = { VAULT: order.system.vault.bucket, ASSET: order.asset, POINT: order.point, DATABASE: order.database };
  shell([find, fetch, order.format === 'plain' ? plain : custom].join('\n'), order, cwd, variables);
}

/** Opens an envelope with the stock encryption command line; answers with the value. */
export function openEnvelopeByHand(
  order: Pick<ByHand, 'system' | 'toolsBin'>,
  key: string,
  envelope: Uint8Array,
  escrowKeyArn: string,
): string {
  const cwd = mkdtempSync(join(order.system.directory, 'by-hand-'));
  execFileSync('tee', [join(cwd, 'envelope')], { input: envelope, stdio: ['pipe', 'ignore', 'inherit'] });
  shell(blocks().keys, order, cwd, { KEY: key, ESCROW_KEY_ARN: escrowKeyArn });
  return readFileSync(join(cwd, 'key.bin'), 'utf8');
}
