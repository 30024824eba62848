/** The shipped document really runs, on a host whose `docker` keeps its state in files. */
import { afterEach, describe, expect, it } from 'vitest';
import { composeDocument } from '../../../infra/quiesce/compose-document.ts';
import { makeComposeHost, type ComposeHost } from '../../helpers/compose-host.ts';

let host: ComposeHost;
afterEach(() => host.remove());

function run(action: string, services = 'api worker') {
  const [step] = composeDocument().mainSteps;
  const given: Record<string, string> = { action, directory: host.directory, services };
  return host.run(
    (step?.inputs.runCommand ?? []).map((line) => line.replaceAll(/\{\{ (\w+) \}\}/g, (_, name: string) => given[name] ?? '')),
  );
}

describe('the document of Docker Compose hosts', () => {
  it('stops what it is told, says so, and leaves everything else', () => {
    host = makeComposeHost({ api: 'running', worker: 'running', postgres: 'running' });
    expect(run('status')).toEqual({ exitCode: 0, output: 'holdfast: running api worker\n', errors: '' });
    expect(run('stop')).toMatchObject({ exitCode: 0, output: 'holdfast: stopped\n' });
    expect(host.running()).toEqual(['postgres']);
    expect(run('status').output).toBe('holdfast: stopped\n');
    expect(run('start')).toMatchObject({ exitCode: 0, output: 'holdfast: running api worker\n' });
  });

  it('may be told twice', () => {
    host = makeComposeHost({ api: 'running', worker: 'exited' });
    for (const action of ['stop', 'stop']) expect(run(action)).toMatchObject({ exitCode: 0, output: 'holdfast: stopped\n' });
    for (const action of ['start', 'start']) expect(run(action, 'api')).toMatchObject({ exitCode: 0, output: 'holdfast: running api\n' });
    expect(host.running()).toEqual(['api']);
  });

  it('fails when something still runs, naming it', () => {
    host = makeComposeHost({ api: 'running', worker: 'running' });
    host.mark('stubborn-worker');
    expect(run('stop')).toMatchObject({ exitCode: 4, output: 'holdfast: running worker\n' });
  });

  it('fails when a service cannot start', () => {
    host = makeComposeHost({ api: 'exited', worker: 'exited' });
    host.mark('broken-worker');
    const { exitCode, output } = run('start');
    expect([exitCode === 0, output]).toEqual([false, '']);
  });

  it('takes no service for stopped that is not there, and says nothing when docker does not answer', () => {
    host = makeComposeHost({ api: 'running' });
    expect(run('status', 'api colector')).toMatchObject({
      exitCode: 3,
      output: '',
      errors: expect.stringContaining('no service colector') as string,
    });
    host.mark('down');
    for (const action of ['status', 'stop', 'start']) expect(run(action, 'api')).toMatchObject({ exitCode: 1, output: '' });
  });

  it('finds no service by a part of its name', () => {
    host = makeComposeHost({ 'api-gateway': 'running', api: 'exited' });
    expect(run('status', 'api')).toMatchObject({ exitCode: 0, output: 'holdfast: stopped\n' });
  });

  it('is called only with what a shell takes for words', () => {
    host = makeComposeHost({ api: 'running' });
    const { services, directory, action } = composeDocument().parameters;
    const takes = ({ allowedPattern }: { allowedPattern: string }, text: string) => new RegExp(allowedPattern).test(text);
    for (const text of ['api', 'api worker', 'a_b c-d']) expect(takes(services, text), text).toBe(true);
    for (const text of ["api'; id", '$(id)', 'api  worker', '-f x', 'a;b', 'a\nb', '']) expect(takes(services, text), text).toBe(false);
    for (const text of ["/opt/'", 'opt', '/opt/$(id)', '/opt/a b']) expect(takes(directory, text), text).toBe(false);
    expect(action.allowedValues).toEqual(['stop', 'start', 'status']);
  });
});
