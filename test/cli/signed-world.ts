/**
 * The command line where it calls functions by signed calls: the functions are the deployed ones over the buckets of a world, and answer
 * as they do behind their URL. That a signature holds, and whom the emulator lets call, test/end-to-end shows.
 */
import { Readable, Writable } from 'node:stream';
import * as z from 'zod';
import { DecideRequest, TakeRequestRequest } from '../../core/approval/contract.ts';
import { SignOffRequest } from '../../core/sign-off/contract.ts';
import { connectToAws } from '../../cli/connection-aws.ts';
import type { Connection } from '../../cli/connection.ts';
import { exitCode } from '../../cli/exit-codes.ts';
import { describeFailure, failureText } from '../../cli/output/failure.ts';
import { loadPlanFile } from '../../cli/plan-file.ts';
import { buildProgram, type CommonOptions } from '../../cli/program.ts';
import { readAnswer, type SignedCall } from '../../cli/signed-calls.ts';
import { VERBS } from '../../cli/verbs.ts';
import type { Context, Verb } from '../../cli/verb.ts';
import { decide } from '../../functions/approval/decide.ts';
import { takeRequest } from '../../functions/approval/take-request.ts';
import { takeWord } from '../../functions/sign-off/take-word.ts';
import { handleSigned } from '../../functions/signed-edge.ts';
import { emulatorEnvironment, type Run } from './run-holdfast.ts';
import { makeWorld } from './world.ts';

const ACCOUNT = '000000000000';
type Who = { person: string; role?: 'requester' | 'approver' | 'reader'; typed?: string };

export async function makeSignedWorld() {
  const world = await makeWorld();
  const { system } = world;
  const plan = loadPlanFile(world.plan, '/');
  const vault = { ...world.vault.reader, ...world.vault.writer };
  const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/holdfast-${system}-${name}`;
  const roles = { requesters: [role('requester')], approvers: [role('approver')] };
  const now = () => new Date();
  const ports = { system, side: 'vault' as const, vault, ...roles, now, people: [...roles.requesters, ...roles.approvers] };
  const calls: SignedCall[] = [];
  const tokens = { succeed: () => Promise.resolve(true) };
  const executions = { stateOf: () => Promise.resolve('running' as const) };
  let asked = 0;
  const edge = { environment: z.object({}) };
  const functions: Record<string, ReturnType<typeof handleSigned>> = {
    'approval/decide': handleSigned({
      ...edge,
      request: DecideRequest,
      connect: () => ({ ...ports, tokens, executions }) as never,
      run: decide,
    }),
    'approval/take-request': handleSigned({
      ...edge,
      request: TakeRequestRequest,
      connect: () => ({ ...ports, newName: () => `${system}-${(asked += 1)}` }),
      run: takeRequest,
    }),
    'sign-off/take-word': handleSigned({ ...edge, request: SignOffRequest, connect: () => ports, run: takeWord }),
  };

  /** As somebody of a role, with what he types where he is asked. */
  async function say(words: readonly string[], { person, role: name = 'requester', typed }: Who): Promise<Run> {
    const streams = { stdout: '', stderr: '' };
    const stream = (to: keyof typeof streams) =>
      new Writable({ write: (chunk: Buffer, _, done) => (done(), void (streams[to] += chunk.toString())) });
    const stdin = Object.assign(Readable.from(typed === undefined ? [] : [`${typed}\n`]), { isTTY: typed !== undefined });
    const frame = {
      arguments: words,
      environment: emulatorEnvironment(),
      workingDirectory: '/',
      stdin,
      stdout: stream('stdout'),
      stderr: stream('stderr'),
      now,
      onInterrupt: () => () => undefined,
    };
    const userArn = `arn:aws:sts::${ACCOUNT}:assumed-role/holdfast-${system}-${name}/${person}`;
    const connection: Connection = {
      ...(await connectToAws(plan, frame, undefined)),
      async call(call) {
        calls.push(call);
        const event = { requestContext: { authorizer: { iam: { userArn } } }, body: JSON.stringify(call.body) };
        const answer = await functions[call.handler]!(event);
        return readAnswer(answer.statusCode, answer.body, call.handler);
      },
    };
    let code = 0;
    const perform = async (verb: Verb, given: Record<string, unknown>, common: CommonOptions) => {
      const context: Context = {
        frame,
        version: '0.0.0',
        isQuiet: false,
        planFile: () => world.plan,
        plan: () => plan,
        connect: () => Promise.resolve(connection),
        tell: (line) => void (streams.stderr += `${line}\n`),
      };
      const input = verb.input.parse(given) as never;
      try {
        const answer = await verb.run(context, input);
        streams.stdout += common.output === 'json' ? JSON.stringify(answer.data) : answer.text((_, text) => text);
        code = exitCode(answer.exit ?? 'Done');
      } catch (error) {
        streams.stderr += failureText(error, (_, text) => text);
        code = describeFailure(error).exitCode;
      }
    };
    await buildProgram(VERBS, '0.0.0', frame, perform).parseAsync([...words], { from: 'user' });
    return { code, ...streams };
  }
  return { ...world, plan, vaultPorts: vault, ports, calls, say, role };
}
export type SignedWorld = Awaited<ReturnType<typeof makeSignedWorld>>;
