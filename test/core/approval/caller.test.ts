import { describe, expect, it } from 'vitest';
import { authorOfPaper } from '../../../core/approval/asked.ts';
import { callerOf, hasRole, readCaller } from '../../../core/approval/caller.ts';
import { hashInput } from '../../../core/approval/input-hash.ts';
import { session } from './records.ts';

const ARN = 'arn:aws:sts::111111111111:assumed-role/approver/Ann@example.org';
const signed = (userArn: string) => ({ requestContext: { authorizer: { iam: { userArn, callerId: 'AROA1:Ann@example.org' } } } });

describe('who signed a call', () => {
  it('is what the service says, by a function URL or by a REST API', () => {
    const ann = { arn: ARN, account: '111111111111', role: 'approver', person: 'ann@example.org', callerId: 'AROA1:Ann@example.org' };
    expect(readCaller(signed(ARN))).toEqual({ caller: ann });
    expect(readCaller({ requestContext: { identity: { userArn: ARN, caller: 'AROA1:Ann@example.org' } } })).toEqual({ caller: ann });
  });

  it('is a user by his name', () => {
    expect(callerOf('arn:aws:iam::111111111111:user/people/Ann')).toMatchObject({ caller: { person: 'ann' } });
  });

  it.each([
    ['nobody', {}],
    ['nobody, whatever the body says', { body: JSON.stringify(signed(ARN)), requestContext: { http: {} } }],
    ['the root user', signed('arn:aws:iam::111111111111:root')],
    ['a federated user', signed('arn:aws:sts::111111111111:federated-user/ann')],
    ['a session with a path in its name', signed('arn:aws:sts::111111111111:assumed-role/a/b/c')],
  ])('is not known: %s', (_, event) => expect(readCaller(event)).toHaveProperty('problem'));

  it.each([
    'botocore-session-1763719200',
    'aws-sdk-js-1763719200',
    'aws-go-sdk-17',
    'AWSCLI-Session',
    'session',
    '1763719200',
    'i-0123456789abcdef0',
  ])('is nobody when a program has named the session: %s', (name) =>
    expect(callerOf(`arn:aws:sts::111111111111:assumed-role/approver/${name}`)).toMatchObject({
      problem: expect.stringContaining('names nobody') as string,
    }),
  );

  it('has a role by its name in its account, whatever the path', () => {
    const ann = session('approver', 'ann');
    expect(hasRole(ann, ['arn:aws:iam::111111111111:role/approver'])).toBe(true);
    expect(hasRole(ann, ['arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/approver'])).toBe(true);
    expect(hasRole(ann, ['arn:aws:iam::222222222222:role/approver', 'arn:aws:iam::111111111111:role/approver2'])).toBe(false);
    expect(hasRole({ arn: '', account: '111111111111', person: 'ann' }, ['arn:aws:iam::111111111111:role/'])).toBe(false);
  });
});

describe('who asked for an execution', () => {
  const ann = session('requester', 'ann');
  const input = { asset: 'postgres', target: 'in-place', tables: ['a', 'b'] };
  const paper = {
    format: 'holdfast/asked/v1',
    system: 'ida',
    name: 'asked-1',
    inputSha256: hashInput(input),
    author: ann,
    at: '2026-11-21T10:00:00.000Z',
  };
  const execution = { system: 'ida', name: 'asked-1', input, startedAt: new Date('2026-11-21T10:01:00Z') };

  it('is known when the input is what was asked, in whatever order its fields came', () => {
    expect(authorOfPaper(paper, execution)).toEqual(ann);
    expect(authorOfPaper(paper, { ...execution, input: { tables: ['a', 'b'], target: 'in-place', asset: 'postgres' } })).toEqual(ann);
  });

  it.each([
    ['another input', { input: { ...input, target: 'drop-and-create' } }],
    ['another order of what has one', { input: { ...input, tables: ['b', 'a'] } }],
    ['another name', { name: 'asked-2' }],
    ['another system', { system: 'nmia' }],
    ['a start long after', { startedAt: new Date('2026-11-21T10:20:00Z') }],
    ['a start long before', { startedAt: new Date('2026-11-21T09:50:00Z') }],
  ])('is not known with %s', (_, change) => expect(authorOfPaper(paper, { ...execution, ...change })).toBeUndefined());

  it('is not known where nothing stands under the name', () => expect(authorOfPaper(undefined, execution)).toBeUndefined());
});
