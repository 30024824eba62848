/**
 * Statements of a dump that say who owns, who may, and what has to be there: read from the SQL text that pg_dump and pg_restore
 * write, one statement a line. A line inside a function's body or a comment's text is not one of them.
 */
export type ScriptStatement =
  /** `isOptional`: of what a restore does without where the server refuses it. */
  | { kind: 'owner'; role: string; isOptional?: true }
  /** `as`: the role in whose name it is granted. */
  | { kind: 'privilege'; to?: string; as?: string; isCreateOnPublic?: true }
  | { kind: 'policy'; roles: string[] }
  | { kind: 'extension'; name: string }
  | { kind: 'schema'; name: string };

const IDENTIFIER = String.raw`(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_]*)`;
const OWNER = new RegExp(`^ALTER .* OWNER TO (${IDENTIFIER});$`);
const GRANT = new RegExp(
  `^(?:ALTER DEFAULT PRIVILEGES FOR ROLE (${IDENTIFIER}) .*?)?(?:GRANT|REVOKE) .* (?:TO|FROM) (${IDENTIFIER}|PUBLIC)(?: WITH GRANT OPTION)?;$`,
);
const CREATE_ON_PUBLIC = /^GRANT (?:ALL|CREATE|USAGE, ?CREATE|CREATE, ?USAGE)\b.* ON SCHEMA public TO /;
const SESSION = new RegExp(`^(?:SET|RESET) SESSION AUTHORIZATION ?(?:'(.*)'|(${IDENTIFIER}))?;$`);
const POLICY = new RegExp(
  `^CREATE POLICY ${IDENTIFIER} ON (?:${IDENTIFIER}\\.)?${IDENTIFIER}(?: AS RESTRICTIVE)?(?: FOR [A-Z]+)? TO (${IDENTIFIER}(?:, ${IDENTIFIER})*)(?: USING | WITH CHECK |;)`,
);
const EXTENSION = new RegExp(`^CREATE EXTENSION IF NOT EXISTS (${IDENTIFIER})(?: |;)`);
const SCHEMA = new RegExp(`^CREATE SCHEMA (${IDENTIFIER});$`);

/** Entries whose text is somebody's own. */
const CODE = ['FUNCTION', 'PROCEDURE'];
const TEXT = ['COMMENT', 'SECURITY LABEL'];
const PRIVILEGES = ['ACL', 'DEFAULT ACL'];
const OPTIONAL = ['EVENT TRIGGER', 'PUBLICATION', 'SUBSCRIPTION'];

/** @param entry the type of the archive's entry that the line belongs to, as the dump's comments say: `TABLE`, `ACL` */
export function readStatement(line: string, entry: string): ScriptStatement | undefined {
  if (TEXT.includes(entry)) return undefined;
  if (PRIVILEGES.includes(entry)) return readPrivilege(line);
  if (entry === 'POLICY') {
    const roles = POLICY.exec(line)?.[1];
    return roles === undefined ? undefined : { kind: 'policy', roles: roles.match(new RegExp(IDENTIFIER, 'g'))?.map(unquote) ?? [] };
  }
  if (entry === 'EXTENSION') {
    const name = EXTENSION.exec(line)?.[1];
    return name === undefined ? undefined : { kind: 'extension', name: unquote(name) };
  }
  const schema = entry === 'SCHEMA' ? SCHEMA.exec(line)?.[1] : undefined;
  if (schema !== undefined) return { kind: 'schema', name: unquote(schema) };
  if (CODE.includes(entry) && !line.startsWith(`ALTER ${entry} `)) return undefined;
  const role = OWNER.exec(line)?.[1];
  if (role === undefined) return undefined;
  return { kind: 'owner', role: unquote(role), ...(OPTIONAL.includes(entry) ? { isOptional: true as const } : {}) };
}

function readPrivilege(line: string): ScriptStatement | undefined {
  const session = SESSION.exec(line);
  if (session) {
    const role = session[1] ?? (session[2] === undefined ? undefined : unquote(session[2]));
    return role === undefined ? { kind: 'privilege' } : { kind: 'privilege', as: role };
  }
  const grant = GRANT.exec(line);
  if (!grant) return undefined;
  const [, as, to] = grant;
  return {
    kind: 'privilege',
    ...(to === undefined || to === 'PUBLIC' ? {} : { to: unquote(to) }),
    ...(as === undefined ? {} : { as: unquote(as) }),
    ...(CREATE_ON_PUBLIC.test(line) ? { isCreateOnPublic: true as const } : {}),
  };
}

const unquote = (name: string) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);
