/** What validates a restore: statements that only read, names that evidence can tell apart, addresses that are not listened in on. */
import { isOneSelect } from '../one-select.ts';
import { finding, postgresAssets, repeated, type Rule } from './rule.ts';

export const checkValidation: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    const validation = asset.restore?.validation;
    if (validation === undefined) return [];
    const at = [...path, 'restore', 'validation'];
    const { checks, probes, logins, manual } = validation;
    const named = [
      ...checks.map(({ name }, i) => ({ name, at: [...at, 'checks', i, 'name'] })),
      ...probes.map(({ name }, i) => ({ name, at: [...at, 'probes', i, 'name'] })),
      ...logins.map(({ name }, i) => ({ name, at: [...at, 'logins', i, 'name'] })),
      ...manual.map(({ name }, i) => ({ name, at: [...at, 'manual', i, 'name'] })),
    ];
    const requests = [
      ...probes.map(({ url }, i) => ({ url, at: [...at, 'probes', i, 'url'], severity: 'warning' as const })),
      ...logins.flatMap(({ url, afterwards }, i) => [
        { url, at: [...at, 'logins', i, 'url'], severity: 'error' as const },
        ...(afterwards === undefined
          ? []
          : [{ url: afterwards.url, at: [...at, 'logins', i, 'afterwards', 'url'], severity: 'error' as const }]),
      ]),
    ];
    return [
      ...repeated(named.map(({ name }) => name)).map(({ index }) =>
        finding(
          plan,
          'error',
          named[index]?.at ?? at,
          'Another check of this validation has the same name',
          'Give each check a name of its own',
        ),
      ),
      ...checks.flatMap(({ sql }, i) =>
        isOneSelect(sql)
          ? []
          : [finding(plan, 'error', [...at, 'checks', i, 'sql'], 'This is not one SELECT', 'Write one SELECT or WITH statement')],
      ),
      ...requests
        .filter(({ url }) => url.startsWith('http:'))
        .map((request) => {
          const problem =
            request.severity === 'error' ? 'A password would be sent where others can read it' : 'Anybody on the way can answer this';
          return finding(plan, request.severity, request.at, problem, 'Use https; a certificate authority of your own goes into `ca`');
        }),
      ...logins.flatMap(({ url, afterwards }, i) =>
        afterwards !== undefined && new URL(afterwards.url).host !== new URL(url).host
          ? [
              finding(
                plan,
                'error',
                [...at, 'logins', i, 'afterwards', 'url'],
                'What the login gave is sent to its own host alone',
                `Name an address at ${new URL(url).host}`,
              ),
            ]
          : [],
      ),
    ];
  });

/** The sign-off lists what people did by its name. How long it takes is weighed with the rest of a recovery. */
export const checkFollowUps: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset, path }) =>
    repeated((asset.restore?.followUps ?? []).map(({ name }) => name)).map(({ index }) =>
      finding(
        plan,
        'error',
        [...path, 'restore', 'followUps', index, 'name'],
        'Another follow-up has the same name',
        'Give each a name of its own',
      ),
    ),
  );
