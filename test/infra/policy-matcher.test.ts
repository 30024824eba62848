import { describe, expect, it } from 'vitest';
import { decide, type PolicyDocument, type PolicyStatement, type Request } from './policy-matcher.ts';

const request: Request = { principal: 'arn:aws:iam::111122223333:role/a', action: 's3:PutObject', resource: 'arn:aws:s3:::b/data/x' };
const document = (...statements: PolicyStatement[]): PolicyDocument => ({ Statement: statements });
const allow = (more: Partial<PolicyStatement> = {}): PolicyStatement => ({ Effect: 'Allow', Action: 's3:*', Resource: '*', ...more });
const deny = (more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Sid: 'No',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: '*',
  ...more,
});
const outcome = (identity: PolicyStatement, resource?: PolicyStatement, context: Request['context'] = {}) =>
  decide({ ...request, context }, { identity: document(identity), resource: resource && document(resource) }).outcome;

describe('the policy matcher', () => {
  it('grants nothing that no statement allows', () => {
    expect(outcome(allow({ Action: 's3:GetObject' }))).toBe('not granted');
    expect(outcome(allow({ Resource: 'arn:aws:s3:::b/catalog/*' }))).toBe('not granted');
    expect(outcome(allow({ Action: 'S3:Put*' }))).toBe('allowed');
  });

  it('lets a Deny of the resource win, names it, and keeps to its exceptions', () => {
    const { Resource: _, ...rest } = deny();
    const outsideData = { ...rest, NotResource: 'arn:aws:s3:::b/data/*' };
    expect(decide(request, { identity: document(allow()), resource: document(deny()) })).toEqual({ outcome: 'denied', by: 'No' });
    expect(outcome(allow(), outsideData)).toBe('allowed');
    const except = { ArnNotLike: { 'aws:PrincipalArn': ['arn:aws:iam::111122223333:role/a'] } };
    expect(outcome(allow(), deny({ Condition: except }))).toBe('allowed');
    expect(outcome(allow(), deny({ Condition: { ArnNotLike: { 'aws:PrincipalArn': ['arn:aws:iam::111122223333:role/b'] } } }))).toBe(
      'denied',
    );
  });

  it('takes the root of the account as leave for identity policies, not as a grant', () => {
    const root = allow({ Principal: { AWS: 'arn:aws:iam::111122223333:root' } });
    expect(outcome(allow({ Action: 's3:GetObject' }), root)).toBe('not granted');
  });

  it.each([
    ['StringEquals without the key', { StringEquals: { 's3:prefix': 'a' } }, {}, false],
    ['StringNotEquals without the key', { StringNotEquals: { 's3:prefix': 'a' } }, {}, true],
    ['StringEqualsIfExists without the key', { StringEqualsIfExists: { 's3:prefix': 'a' } }, {}, true],
    ['StringLike with a question mark', { StringLike: { 's3:prefix': 'a?c' } }, { 's3:prefix': 'abc' }, true],
    ['StringNotEquals against several', { StringNotEquals: { 's3:prefix': ['a', 'b'] } }, { 's3:prefix': 'b' }, false],
    ['Null for a key that is there', { Null: { 's3:if-none-match': 'false' } }, { 's3:if-none-match': '*' }, true],
    ['Null for a key that is not', { Null: { 's3:if-none-match': 'true' } }, {}, true],
    ['NumericGreaterThan', { NumericGreaterThan: { n: '30' } }, { n: '31' }, true],
    ['NumericGreaterThan without the key', { NumericGreaterThan: { n: '30' } }, {}, false],
    ['ForAnyValue without the key', { 'ForAnyValue:StringEquals': { k: 'a' } }, {}, false],
    ['ForAnyValue of several', { 'ForAnyValue:StringEquals': { k: 'b' } }, { k: ['a', 'b'] }, true],
    ['ForAllValues of several', { 'ForAllValues:StringEquals': { k: ['a', 'b'] } }, { k: ['a', 'c'] }, false],
    ['ForAllValues without the key', { 'ForAllValues:StringEquals': { k: ['a'] } }, {}, true],
    ['all blocks together', { StringEquals: { a: '1' }, Bool: { b: 'true' } }, { a: '1', b: 'false' }, false],
  ] as const)('evaluates %s', (_, condition, context, isMet) => {
    expect(outcome(allow({ Condition: structuredClone(condition) as never }), undefined, { ...context } as never)).toBe(
      isMet ? 'allowed' : 'not granted',
    );
  });

  it('refuses an operator that it does not know', () => {
    expect(() => outcome(allow({ Condition: { DateLessThan: { 'aws:CurrentTime': 'x' } } }))).toThrow('DateLessThan');
  });
});
