/** What is covered: every kind of content has its assets or a reason why not, and checks by which it shows that it came back. */
import type { Finding } from '../finding.ts';
import { STANDARD_AREAS } from '../schema-agreement.ts';
import type { PostgresAsset, ProtectionPlan } from '../schema.ts';
import { finding, repeated, type Path, type Rule } from './rule.ts';

type Area = NonNullable<ProtectionPlan['agreement']>['scope'][number];

const sameName = (text: string) => text.trim().toLowerCase();

export const checkScope: Rule = (plan) => {
  const scope = plan.agreement?.scope;
  if (scope === undefined) return [];
  const named = new Set(scope.map(({ area }) => sameName(area)));
  const missing = STANDARD_AREAS.filter((area) => !named.has(sameName(area)));
  const covered = new Set(scope.flatMap(({ assets }) => assets));
  return [
    ...repeated(scope.map(({ area }) => sameName(area))).map(({ index }) =>
      finding(
        plan,
        'error',
        ['agreement', 'scope', index, 'area'],
        'This area is in the scope twice',
        'Keep one, with all assets that hold it',
      ),
    ),
    ...(missing.length === 0
      ? []
      : [
          finding(
            plan,
            'warning',
            ['agreement', 'scope'],
            `Restored data may be incomplete: nothing says whether this is protected: ${missing.join(', ')}`,
            'Name the assets of each, or say with `out` why it is not covered',
          ),
        ]),
    ...scope.flatMap((area, i) => ofArea(plan, area, ['agreement', 'scope', i])),
    ...plan.assets.flatMap(({ id, kind }, i) =>
      // A key is there for the databases that need it.
      covered.has(id) || kind === 'key'
        ? []
        : [
            finding(
              plan,
              'warning',
              ['assets', i, 'id'],
              'No area of the scope names this asset: nothing says what it holds',
              'Name it in `agreement.scope`',
            ),
          ],
    ),
  ];
};

/** Of all that shows that the asset came back: in its drills, and after a real restore. */
function namesOf({ drill, restore }: PostgresAsset): string[] {
  const { application, canaries } = drill;
  const validation = restore?.validation;
  const named = [
    ...drill.checks,
    ...(application?.probes ?? []),
    ...(application?.logins ?? []),
    ...(validation?.checks ?? []),
    ...(validation?.probes ?? []),
    ...(validation?.logins ?? []),
    ...(validation?.manual ?? []),
  ];
  return [...named.map(({ name }) => name), ...canaries.flatMap(({ name }) => name ?? [])];
}

function ofArea(plan: ProtectionPlan, area: Area, path: Path): Finding[] {
  const assets = plan.assets.filter(({ id }) => area.assets.includes(id));
  const databases = assets.filter((asset) => asset.kind === 'postgres');
  const checks = new Set([
    ...databases.flatMap(namesOf),
    ...plan.scenarios
      .filter((scenario) => scenario.assets.some((id) => area.assets.includes(id)))
      .flatMap((scenario) => scenario.checks.map(({ name }) => name)),
  ]);
  const known = plan.assets.map(({ id }) => id).join(', ');
  return [
    ...area.assets.flatMap((id, i) =>
      plan.assets.some((asset) => asset.id === id)
        ? []
        : [
            finding(
              plan,
              'error',
              [...path, 'assets', i],
              'This plan has no such asset',
              `Name one of ${known}, or say with \`out\` why none`,
            ),
          ],
    ),
    ...area.validatedBy.flatMap((name, i) =>
      checks.has(name)
        ? []
        : [
            finding(
              plan,
              'warning',
              [...path, 'validatedBy', i],
              'Restored data may be incomplete: no check, probe, login or canary of these assets’ drills, restores or scenarios has this name',
              checks.size === 0 ? 'Give the drill a check of this name' : `Name one of ${[...checks].join(', ')}`,
            ),
          ],
    ),
    ...(databases.length > 0 && area.validatedBy.length === 0
      ? [
          finding(
            plan,
            'warning',
            [...path, 'validatedBy'],
            `Restored data may be incomplete: no check shows that ${area.area} came back`,
            'Name the checks of the drill that do, or add one',
          ),
        ]
      : []),
  ];
}
