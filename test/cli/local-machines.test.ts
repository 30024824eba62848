import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { NothingRunsHere } from '../../cli/errors.ts';
import { isStillRunning } from '../../cli/local-system.ts';
import { localMachines } from '../../cli/machines/local.ts';
import type { LocalSession } from '../../local/session.ts';

test('what runs on a local system whose process ends is ended with that, and not tried again', async () => {
  const holder = spawn('sleep', ['60']);
  const { pid = 0 } = holder;
  let isStopped = false;
  const startExecution: LocalSession['startExecution'] = (name, _input, { signal } = {}) =>
    Promise.resolve({
      arn: `arn:${name}`,
      name,
      // As an execution that waits for its next try.
      ended: new Promise(() => signal?.addEventListener('abort', () => (isStopped = true))),
    });
  const machines = localMachines('x', 'vault', { startExecution }, { listen: () => undefined, isThere: () => isStillRunning({ pid }) });
  const execution = await machines.start('restore', {});
  const watching = machines.watch(execution, { onEvent: () => undefined, signal: new AbortController().signal });
  setTimeout(() => holder.kill(), 1500);
  const error: unknown = await watching.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NothingRunsHere);
  expect(error).toMatchObject({ message: `The system x on this machine has ended, and with it ${execution}` });
  expect(isStopped).toBe(true);
});
