/** KMS that does not answer in the middle of a proof: whoever sits there decides whether it is tried again. */
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { unlessGivenUp } from '../../../cli/escrow/unless-given-up.ts';
import { AwsLoginMissing } from '../../../cli/errors.ts';

const MESSAGE = Buffer.from('a value');
/** A comparison that is refused some times, and somebody who answers what is asked. */
function proof({ refusals, answers, isTerminal = true }: { refusals: number; answers: string[]; isTerminal?: boolean }) {
  const stdin = Object.assign(new PassThrough(), { isTTY: isTerminal });
  const stderr = Object.assign(new PassThrough(), { isTTY: false });
  let told = '';
  let tries = 0;
  stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    if (chunk.toString().endsWith(': ')) stdin.write(`${answers.shift() ?? 'stop'}\n`);
  });
  const frame = { stdin, stderr, onInterrupt: () => () => undefined } as unknown as Parameters<typeof unlessGivenUp>[0];
  const compare = unlessGivenUp(frame, (message) => {
    tries += 1;
    expect(message).toEqual(MESSAGE);
    return tries > refusals
      ? Promise.resolve(true)
      : Promise.reject(new AwsLoginMissing('Comparing a fingerprint', 'the login has run out'));
  });
  return { compare: () => compare(MESSAGE, '00'), said: () => told, tries: () => tries };
}

it('is tried again while the identity is held, as often as somebody wants to', async () => {
  const { compare, said, tries } = proof({ refusals: 2, answers: ['', ''] });
  expect(await compare()).toBe(true);
  expect(tries()).toBe(3);
  expect(said().match(/nobody has to type again/g)).toHaveLength(2);
});

it('is given up when somebody says so, and in a pipe', async () => {
  for (const one of [proof({ refusals: 9, answers: ['', 'stop'] }), proof({ refusals: 9, answers: [], isTerminal: false })])
    await expect(one.compare()).rejects.toBeInstanceOf(AwsLoginMissing);
});
