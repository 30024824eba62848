/** Where the measurements keep their state: servers, databases, results. Out of git, and nothing that is not theirs. */
import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const APP_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

export type Place = {
  root: string;
  /** Programs that setup installs. */
  bin: string;
  python: string;
  postgres: string;
  store: string;
  /** Watched while a tool runs: what it leaves here is local disk that it needs. Emptied before each. */
  scratch: string;
  /** What the image has compiled beforehand (tasks/Dockerfile). */
  compileCache: string;
  logs: string;
  results: string;
};

export function openPlace(root: string): Place {
  const place = {
    root,
    bin: join(root, 'bin'),
    python: join(root, 'venv'),
    postgres: join(root, 'postgres'),
    store: join(root, 'store'),
    scratch: join(root, 'scratch'),
    compileCache: join(root, 'compile-cache'),
    logs: join(root, 'log'),
    results: join(root, 'results.jsonl'),
  };
  for (const directory of [place.bin, place.scratch, place.logs, place.store]) mkdirSync(directory, { recursive: true });
  return place;
}

export const DEFAULT_STATE = join(APP_ROOT, '.holdfast', 'bench');

/** Where tools are looked for: ours first, then the programs of PostgreSQL, then the machine's. */
export const searchPath = (place: Place, postgresBin: string, machinePath: string): string =>
  [place.bin, join(place.python, 'bin'), postgresBin, machinePath].join(delimiter);
