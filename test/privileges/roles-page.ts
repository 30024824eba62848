/** docs/roles.md: what each role may and may not, from the synthesized policies, the attacks and the reasons. */
import type { Outcome } from './attack.ts';
import { ATTACKS } from './attacks.ts';
import { KEPT } from './kept.ts';

const INTRODUCTION = `# Roles: what each may, and may not

Of a system named \`ida\` with one database, \`postgres\`; every system has the same. The roles of people and break-glass are at the end of
their region. This page is made from the synthesized policies by \`test/privileges\`, which fails when it is not current
(\`HOLDFAST_WRITE_DOCS=1 npx vitest run test/privileges\` writes it). How it is known:

- Every call that a role makes in the end-to-end runs (backup, escrow, drill, restore, retention, recovery, audit) is recorded and put to the
  policies for AWS: identity, bucket and key. What S3 asks KMS on the caller's behalf is put to them too, which the emulator does not do. A
  call that they would not allow fails the suite.
- A right that no run uses fails the suite, unless its reason is in the last table; so does a reason whose right is used, or gone.
- Every attack of the second table is tried under every role. *Own policy* means that nothing grants it; a name in italics is a statement of
  the bucket's or key's own policy, which would refuse it even if the role's policy were to grant it.
`;

export function rolesPage(outcomes: readonly Outcome[]): string {
  const roles = [...Map.groupBy(outcomes, ({ role }) => role)];
  return [
    INTRODUCTION,
    '## Role by role',
    '',
    'May not: the attacks below, by number. Without a limit there, a role may none of them; what it may is in bold, with its limit in the second table.',
    '',
    '| role | what it is for | may | may not |',
    '|---|---|---|---|',
    ...roles.map(([role, tried]) => `| \`${tried[0]?.short}\` | ${purpose(role.description)} | ${mayOf(role.grants)} | ${mayNot(tried)} |`),
    '',
    '## Attack by attack',
    '',
    '| | who holds a role and wants to | is stopped by | may | within |',
    '|---|---|---|---|---|',
    ...ATTACKS.map((attack, index) => {
      const by = new Set(outcomes.filter((outcome) => outcome.attack === attack).flatMap((outcome) => outcome.by));
      const stops = [...by].toSorted().map((stop) => (stop === 'own policy' ? stop : `*${stop}*`));
      const may = (attack.may?.roles ?? []).map((role) => `\`${role}\``).join(', ');
      return `| ${index + 1} | ${attack.name} | ${stops.join(', ')} | ${may || 'nobody'} | ${attack.may?.within ?? ''} |`;
    }),
    '',
    'Besides: drill and verify have no way to the source, for their security groups let out port 443 alone and the database’s own group does not admit',
    'them; what S3 locks, no role of any kind deletes.',
    '',
    '## Rights that no end-to-end run uses, and why they stay',
    '',
    'Beside these: `s3:GetObject` where `s3:GetObjectVersion` is used (the newest version is one of them), and `s3:ListBucket` where',
    '`s3:ListBucketVersions` is (S3 says 404 of a missing key, not 403, only to who has it).',
    '',
    '| roles | rights | why |',
    '|---|---|---|',
    ...KEPT.map(({ roles: of, sids, actions, why }) => {
      const rights = [sids?.map((sid) => `*${sid}*`).join(', '), actions?.map((action) => `\`${action}\``).join(', ')].filter(Boolean);
      return `| ${of.map((role) => `\`${role}\``).join(', ')} | ${rights.join(': ') || 'all'} | ${why} |`;
    }),
    '',
  ].join('\n');
}

const purpose = (description: string) => description.replace(/^Holdfast \S+: /, '').replaceAll('|', '/');

/** Statement by statement: their names say on what, the actions what. */
function mayOf(grants: Outcome['role']['grants']): string {
  const statements = Map.groupBy(grants, ({ sid }) => sid);
  return [...statements].map(([sid, of]) => `*${sid}* (${of.map(({ action }) => action).join(', ')})`).join('; ');
}

/** Ranges of numbers, such as `1–7, 9–28`. */
function mayNot(tried: readonly Outcome[]): string {
  const stopped = tried.flatMap(({ attack, isStopped }) => (isStopped ? [ATTACKS.indexOf(attack) + 1] : []));
  const done = tried.filter(({ isStopped }) => !isStopped).map(({ attack }) => `**${attack.name} (${ATTACKS.indexOf(attack) + 1})**`);
  return [ranges(stopped), ...(done.length === 0 ? [] : [`but may ${done.join(', ')}`])].join('; ');
}

function ranges(numbers: readonly number[]): string {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}
