/** How a value of a plan is shown in a message: short, and never in full when it may be a secret that was pasted in by mistake. */

const SECRET_NAME = /pass(word|wd|phrase)?$|token$|credential|private|api[-_]?key/i;
const SECRET_SHAPE = [
  /-----BEGIN/,
  /:\/\/[^/\s]*:[^/\s]*@/,
  /\b(AKIA|ASIA)[A-Z0-9]{12,}/,
  /\beyJ[\w-]{10,}/,
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  /\b(AGE-SECRET-KEY|ghp_|xox[a-z]-|sk_)/,
];
/** What mixes letters, digits and signs in a plan by right: ids, ARNs, regions, versions, paths of short lower-case words. */
const PLAIN_SHAPE = /^(arn:|subnet-|vpc-|sg-|[a-z0-9]{1,20}([-_./:][a-z0-9]{1,20})*$)/;
const LONGEST_SHOWN = 80;

export function describeValue(value: unknown, path: readonly PropertyKey[] = []): string {
  if (value === undefined) return '(nothing)';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return `an object with ${Object.keys(value).length} fields`;
  if (typeof value !== 'string') return JSON.stringify(value) ?? typeof value;
  if (looksSecret(value, path)) return `'${value.slice(0, 2)}…' (${value.length} characters, hidden because it looks like a secret)`;
  return value.length > LONGEST_SHOWN ? `'${value.slice(0, LONGEST_SHOWN)}…' (${value.length} characters)` : `'${value}'`;
}

function looksSecret(value: string, path: readonly PropertyKey[]): boolean {
  const field = path.findLast((part) => typeof part === 'string');
  if (typeof field === 'string' && SECRET_NAME.test(field)) return true;
  if (SECRET_SHAPE.some((shape) => shape.test(value))) return true;
  if (value.length < 12 || /\s/.test(value) || PLAIN_SHAPE.test(value)) return false;
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((c) => c.test(value)).length;
  return classes >= 3 || /^[0-9a-fA-F]{24,}$/.test(value) || /^[A-Za-z0-9+/]{24,}={0,2}$/.test(value);
}
