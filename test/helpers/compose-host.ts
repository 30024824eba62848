/** A host with a stand-in for `docker` on its path, which keeps what runs in files: documents of Systems Manager really run on it. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Knows what the document uses of `docker compose`, and refuses everything else. */
const DOCKER = `#!/bin/sh
state='<state>'
echo "$*" >> "$state/calls"
[ ! -e "$state/down" ] || { echo 'Cannot connect to the Docker daemon' >&2; exit 1; }
case "$*" in
  'compose config --services') ls "$state/services" ;;
  'compose ps --services --status running') grep -lx running "$state"/services/* 2>/dev/null | sed 's:.*/::' ; true ;;
  'compose stop '*) shift 2; for one; do [ -e "$state/stubborn-$one" ] || echo exited > "$state/services/$one"; done ;;
  'compose start '*) shift 2; for one; do [ ! -e "$state/broken-$one" ] || { echo 'port in use' >&2; exit 1; }; echo running > "$state/services/$one"; done ;;
  *) echo "docker: not known here: $*" >&2; exit 64 ;;
esac
`;

export type ComposeHost = ReturnType<typeof makeComposeHost>;

export function makeComposeHost(services: Record<string, 'running' | 'exited'>) {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-host-'));
  const [state, bin, directory] = ['state', 'bin', 'app'].map((name) => join(root, name)) as [string, string, string];
  for (const folder of [join(state, 'services'), bin, directory]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(bin, 'docker'), DOCKER.replace('<state>', state));
  chmodSync(join(bin, 'docker'), 0o755);
  for (const [name, what] of Object.entries(services)) writeFileSync(join(state, 'services', name), `${what}\n`);
  return {
    directory,
    /** Makes `stop` leave a service running, `start` fail for one, or everything fail. */
    mark: (mark: `stubborn-${string}` | `broken-${string}` | 'down') => writeFileSync(join(state, mark), ''),
    unmark: (mark: string) => rmSync(join(state, mark), { force: true }),
    set: (name: string, what: 'running' | 'exited') => writeFileSync(join(state, 'services', name), `${what}\n`),
    running: () =>
      readdirSync(join(state, 'services')).filter((name) => readFileSync(join(state, 'services', name), 'utf8') === 'running\n'),
    calls: () => (existsSync(join(state, 'calls')) ? readFileSync(join(state, 'calls'), 'utf8').trim().split('\n') : []),
    /** As the agent runs a document: the commands as one script, by a shell, as they stand after the parameters are put in. */
    run(commands: readonly string[]): { exitCode: number; output: string; errors: string } {
      const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', commands.join('\n')], {
        env: { PATH: `${bin}:/usr/bin:/bin` },
        encoding: 'utf8',
      });
      return { exitCode: status ?? -1, output: stdout, errors: stderr };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
