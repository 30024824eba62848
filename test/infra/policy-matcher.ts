/**
 * What policies decide about one request, as IAM does within an account: an explicit Deny of any policy, else an Allow of the
 * identity or the resource policy, else nothing. A condition operator that it does not know is an error, never a guess.
 */
export type PolicyStatement = {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: '*' | Record<string, string | string[]>;
  Action: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};
export type PolicyDocument = { Statement: PolicyStatement[] };

export type Request = {
  /** ARN of the role. */
  principal: string;
  action: string;
  resource: string;
  /** Condition keys of the request; a list is a multi-valued key. */
  context?: Record<string, string | string[]>;
};
export type Decision = { outcome: 'allowed' | 'denied' | 'not granted'; by: string };

export function decide(request: Request, policies: { identity: PolicyDocument; resource?: PolicyDocument | undefined }): Decision {
  const context = lowerKeys({ 'aws:PrincipalArn': request.principal, 'aws:SecureTransport': 'true', ...request.context });
  const identity = policies.identity.Statement.filter((s) => matches(s, request, context));
  const resource = (policies.resource?.Statement ?? []).filter((s) => concerns(s, request) && matches(s, request, context));
  const denied = [...identity, ...resource].find((s) => s.Effect === 'Deny');
  if (denied) return { outcome: 'denied', by: denied.Sid ?? '' };
  // A statement for the account's root lets identity policies decide; it grants nothing by itself.
  const allowed = [...identity, ...resource.filter((s) => !isRoot(s))].find((s) => s.Effect === 'Allow');
  return allowed ? { outcome: 'allowed', by: allowed.Sid ?? '' } : { outcome: 'not granted', by: '' };
}

/** Across accounts both must allow: the role's own policy, and the resource's, which may let in the role's whole account. */
export function decideAcrossAccounts(request: Request, policies: { identity: PolicyDocument; resource: PolicyDocument }): Decision {
  const own = decide(request, policies);
  if (own.outcome === 'denied') return own;
  const letsIn = (document: PolicyDocument, isOfResource: boolean) => {
    const context = lowerKeys({ 'aws:PrincipalArn': request.principal, 'aws:SecureTransport': 'true', ...request.context });
    return document.Statement.find((s) => s.Effect === 'Allow' && (!isOfResource || concerns(s, request)) && matches(s, request, context));
  };
  const [identity, resource] = [letsIn(policies.identity, false), letsIn(policies.resource, true)];
  return identity && resource
    ? { outcome: 'allowed', by: resource.Sid ?? '' }
    : { outcome: 'not granted', by: identity ? 'resource' : 'identity' };
}

const list = (value: string | string[] | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

const isRoot = ({ Principal }: PolicyStatement) => typeof Principal === 'object' && list(Principal['AWS']).some((p) => p.endsWith(':root'));

/** Roles are never named as principals here: `*`, the account, or a service. */
const concerns = ({ Principal }: PolicyStatement, { principal }: Request) =>
  Principal === '*' ||
  (typeof Principal === 'object' &&
    list(Principal['AWS']).some(
      (p) => p === '*' || p === principal || (p.endsWith(':root') && p.split(':')[4] === principal.split(':')[4]),
    ));

function matches(statement: PolicyStatement, request: Request, context: Map<string, string[]>): boolean {
  const { Action, Resource, NotResource, Condition = {} } = statement;
  if (!list(Action).some((pattern) => like(request.action, pattern, 'i'))) return false;
  if (Resource !== undefined && !list(Resource).some((pattern) => like(request.resource, pattern))) return false;
  if (NotResource !== undefined && list(NotResource).some((pattern) => like(request.resource, pattern))) return false;
  return Object.entries(Condition).every(([operator, block]) =>
    Object.entries(block).every(([key, expected]) => holds(operator, context.get(key.toLowerCase()), list(expected))),
  );
}

function holds(operator: string, actual: string[] | undefined, expected: string[]): boolean {
  if (operator === 'Null') return (actual === undefined) === (expected[0] === 'true');
  const [, set, ifExists, name = operator] = /^(?:(ForAnyValue|ForAllValues):)?(?=.*?(IfExists)?$)(.*?)(?:IfExists)?$/.exec(operator) ?? [];
  const test = OPERATORS[name];
  if (test === undefined) throw new Error(`The matcher does not know the condition operator ${operator}`);
  const isNegated = name.includes('Not');
  const one = (value: string) => (isNegated ? expected.every((e) => test(value, e)) : expected.some((e) => test(value, e)));
  if (set === 'ForAllValues') return (actual ?? []).every(one);
  if (set === 'ForAnyValue') return (actual ?? []).some(one);
  if (actual === undefined) return isNegated || ifExists !== undefined;
  return actual.some(one);
}

const OPERATORS: Record<string, (actual: string, expected: string) => boolean> = {
  StringEquals: (a, e) => a === e,
  StringNotEquals: (a, e) => a !== e,
  StringLike: (a, e) => like(a, e),
  StringNotLike: (a, e) => !like(a, e),
  ArnEquals: (a, e) => like(a, e),
  ArnLike: (a, e) => like(a, e),
  ArnNotLike: (a, e) => !like(a, e),
  Bool: (a, e) => a === e,
  NumericGreaterThan: (a, e) => Number(a) > Number(e),
  NumericLessThan: (a, e) => Number(a) < Number(e),
};

/** `*` is any text, `?` one character. */
function like(value: string, pattern: string, flags = ''): boolean {
  const name = `${flags} ${pattern}`;
  const regex = compiled.get(name) ?? compile(pattern, flags);
  compiled.set(name, regex);
  return regex.test(value);
}

const compiled = new Map<string, RegExp>();

function compile(pattern: string, flags: string): RegExp {
  const regex = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${regex}$`, `s${flags}`);
}

const lowerKeys = (context: Record<string, string | string[]>) =>
  new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), list(value)]));
