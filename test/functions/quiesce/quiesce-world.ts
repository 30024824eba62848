/** A vault on the emulator, and the functions that stop, check and put back, called in turn as the machine does. */
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { isTicked } from '../../../adapters/vault/restore-ticks.ts';
import { stepTickKey } from '../../../core/sign-off/records.ts';
import { Quiesce } from '../../../core/plan/schema-quiesce.ts';
import type { CheckAnswer, Progress, StartAnswer } from '../../../core/quiesce/contract.ts';
import type { QuiescePorts } from '../../../core/quiesce/ports.ts';
import { check } from '../../../functions/quiesce/check.ts';
import type { QuiesceFunctionPorts } from '../../../functions/quiesce/connect.ts';
import { start } from '../../../functions/quiesce/start.ts';
import { stop } from '../../../functions/quiesce/stop.ts';
import { freshBucket, rootSettings, uniqueSuffix } from '../../helpers/servers.ts';

export const ASSET = 'main';
const unexpected = (): never => {
  throw new Error('the test did not expect this service to be asked');
};

export async function makeQuiesceWorld(reached: Partial<QuiescePorts>) {
  const system = `qs${uniqueSuffix()}`;
  const bucket = await freshBucket({ objectLock: true, region: 'eu-central-1', name: 'quiesce' });
  const { reader, writer } = openBucket(bucket, rootSettings('eu-central-1'), {});
  const vault = { ...reader, ...writer };
  let passedMilliseconds = 0;
  const told: string[] = [];
  /** Executions that have not ended. */
  const going = new Set<string>();
  const none = { describe: unexpected, setCount: unexpected, suspend: unexpected, send: unexpected, results: unexpected };
  const ports: QuiesceFunctionPorts = {
    system,
    vault,
    executions: { stateOf: (execution) => Promise.resolve(going.has(execution) ? 'running' : 'failed') },
    now: () => new Date(Date.parse('2026-11-21T02:00:00Z') + passedMilliseconds),
    reach: (of) => ({
      services: none,
      scaling: none,
      hosts: none,
      call: unexpected,
      tell: (subject, body) => Promise.resolve(void told.push(`${subject}\n${body}`)),
      isTicked: (number, part) => isTicked(vault, of, number, part),
      composeDocument: 'holdfast-test-compose',
      ...reached,
    }),
  };
  /** Called after each wait, such as for somebody who does something meanwhile. */
  const meanwhile: { happens: () => void | Promise<void> } = { happens: () => undefined };
  const wait = async (seconds: number) => {
    passedMilliseconds += seconds * 1000;
    await meanwhile.happens();
  };
  /** Every step in turn, as the machine's states call them. Progress goes over as JSON, as it does there. */
  async function stopAll(run: string, plan: unknown, execution = `execution-of-${run}`) {
    const quiesce = Quiesce.parse(plan);
    const over = (progress: Progress) => JSON.parse(JSON.stringify(progress)) as Progress;
    for (let number = 0; number !== -1;) {
      let progress: Progress = {};
      for (let isTold = false; !isTold;) {
        const answer = await stop({ asset: ASSET, run, execution, quiesce, number, progress: over(progress) }, ports);
        ({ told: isTold, progress } = answer);
        await wait(answer.waitSeconds);
      }
      for (let answer: CheckAnswer | undefined; !answer?.stopped; await wait(answer.waitSeconds)) {
        answer = await check({ asset: ASSET, run, execution, quiesce, number, progress: over(progress) }, ports);
        ({ progress } = answer);
        if (answer.stopped) number = answer.next;
      }
    }
  }
  async function resume(run: string, failed = false, byHand = false): Promise<StartAnswer> {
    const execution = byHand ? 'by-hand' : `execution-of-${run}`;
    let progress: Progress = {};
    for (;;) {
      const answer = await start(
        { asset: ASSET, run, execution, failed, byHand, progress: JSON.parse(JSON.stringify(progress)) as Progress },
        ports,
      );
      if (answer.done) return answer;
      ({ progress } = answer);
      await wait(answer.waitSeconds);
    }
  }
  const tick = (run: string, number: number, part: 'stop' | 'start') =>
    vault.putOnce(stepTickKey({ system, asset: ASSET, run }, number, part), '{}');
  return { system, vault, bucket, ports, told, going, meanwhile, stopAll, resume, tick };
}
