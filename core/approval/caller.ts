/**
 * Who makes a signed call. The service that checked the signature says it, and nothing of the call's own body counts.
 *
 * A person is the name of the session, or of the user, in small letters, whatever the role or account: who has two roles, or one role
 * twice, is one person. Roles of a directory (Identity Center, SAML) have their session names from there. Who assumes a role by himself
 * chooses the name, so names that programs make for nobody are refused, and who may assume a role says its trust policy.
 */
import * as z from 'zod';

export const Caller = z.strictObject({
  arn: z.string(),
  account: z.string(),
  /** Name of the role, without its path; absent for a user. */
  role: z.string().optional(),
  person: z.string(),
  /** The role's or user's own id, and the session's name: by it the account's trail finds where the session came from. */
  callerId: z.string().optional(),
});
export type Caller = z.infer<typeof Caller>;

/** `requestContext` of a function URL under IAM (payload 2.0), or of a REST API under IAM (payload 1.0). */
const Signed = z.object({
  requestContext: z.object({
    authorizer: z.object({ iam: z.object({ userArn: z.string(), callerId: z.string().nullish() }) }).nullish(),
    identity: z.object({ userArn: z.string().nullish(), caller: z.string().nullish() }).nullish(),
  }),
});

export type FoundCaller = { caller: Caller } | { problem: string };

/** @param event as the service hands it to the function */
export function readCaller(event: unknown): FoundCaller {
  const signed = Signed.safeParse(event);
  const { authorizer, identity } = signed.data?.requestContext ?? {};
  const arn = authorizer?.iam.userArn ?? identity?.userArn ?? undefined;
  if (arn === undefined) return { problem: 'the call is not signed' };
  return callerOf(arn, authorizer?.iam.callerId ?? identity?.caller ?? undefined);
}

/** @param arn of a session of a role, or of a user */
export function callerOf(arn: string, callerId?: string): FoundCaller {
  const [, , service = '', , account = '', ...rest] = arn.split(':');
  const [kind, ...path] = rest.join(':').split('/');
  const name = path.at(-1) ?? '';
  const of = { arn, account, ...(callerId === undefined ? {} : { callerId }) };
  if (service === 'iam' && kind === 'user' && name !== '') return { caller: { ...of, person: personOf(name) } };
  if (service !== 'sts' || kind !== 'assumed-role' || path.length !== 2 || name === '')
    return { problem: `${arn} is neither a session of a role nor a user` };
  if (MADE_BY_PROGRAMS.some((pattern) => pattern.test(name)))
    return {
      problem: `the session '${name}' names nobody: a program made that name. Give the session the person’s own (role_session_name in the profile)`,
    };
  return { caller: { ...of, role: path[0] ?? '', person: personOf(name) } };
}

const personOf = (name: string) => name.toLowerCase();

/** What SDKs, command lines and services call a session that nobody has named: the next one of the same person has another name. */
const MADE_BY_PROGRAMS: readonly RegExp[] = [
  /^boto(core|3)-session-\d+$/i,
  /^aws-(sdk-[a-z]+|go-sdk|dotnet-sdk-session|crt|toolkit)[-\w]*$/i,
  /^awscli-session$/i,
  /^(default|session|terraform)?[-_]?\d*$/i,
  /^i-[0-9a-f]{8,17}$/,
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
];

/** @param roles ARNs of roles, with any path or none */
export const hasRole = ({ account, role }: Caller, roles: readonly string[]): boolean =>
  role !== undefined &&
  roles.some((arn) => {
    const [, , , , ofAccount, resource = ''] = arn.split(':');
    return ofAccount === account && resource.split('/').at(-1) === role;
  });

export const isSamePerson = (one: Pick<Caller, 'person'>, other: Pick<Caller, 'person'>): boolean => one.person === other.person;
