/** A database is as recoverable as the keys that its content needs: each stands in the plan, in escrow, and is tried in drills. */
import { placeOf } from '../../escrow/key-place.ts';
import type { Finding } from '../finding.ts';
import { finding, keyAssets, postgresAssets, repeated, type Rule } from './rule.ts';

export const checkNeededKeys: Rule = (plan) => {
  const known = keyAssets(plan).map(({ asset }) => asset.id);
  const fix = (key: string) =>
    `Add a key asset \`${key}\` with its escrow${known.length > 0 ? `, or name one of ${known.join(', ')}` : ''}`;
  return postgresAssets(plan).flatMap(({ asset, path }) => {
    const findings: Finding[] = [];
    asset.needsKeys.forEach((key, i) => {
      if (!known.includes(key)) {
        findings.push(
          finding(plan, 'error', [...path, 'needsKeys', i], 'No key asset of this plan has this id, so the key is not in escrow', fix(key)),
        );
      } else if (!asset.drill.canaries.some((canary) => canary.key === key)) {
        const problem = 'No drill tries this key: that its escrowed copy opens the data is not proven';
        findings.push(
          finding(plan, 'warning', [...path, 'needsKeys', i], problem, 'Add a canary to the drill: one encrypted value that must open'),
        );
      }
    });
    asset.earlierValues?.forEach(({ key }, i) => {
      const at = [...path, 'earlierValues', i, 'key'];
      if (!asset.needsKeys.includes(key))
        findings.push(finding(plan, 'error', at, 'Points do not name this key at all', `Add \`${key}\` to needsKeys`));
      else if (asset.earlierValues?.findIndex((one) => one.key === key) !== i)
        findings.push(finding(plan, 'error', at, 'It is said twice how long values of this key stay in use', 'Keep one of the two'));
    });
    asset.drill.canaries.forEach(({ key }, i) => {
      if (!known.includes(key)) {
        findings.push(
          finding(
            plan,
            'error',
            [...path, 'drill', 'canaries', i, 'key'],
            'No key asset of this plan has this id, so the key is not in escrow',
            fix(key),
          ),
        );
      } else if (!asset.needsKeys.includes(key)) {
        const problem = 'The drill opens a value with this key, but points do not record its fingerprint';
        findings.push(finding(plan, 'error', [...path, 'drill', 'canaries', i, 'key'], problem, `Add \`${key}\` to needsKeys`));
      }
    });
    return findings;
  });
};

export const checkSecrets: Rule = (plan) => {
  const secrets = plan.assets.flatMap((asset, i) => [
    ...(asset.source.secret === undefined ? [] : [{ secret: asset.source.secret, path: ['assets', i, 'source', 'secret'] }]),
    ...(asset.kind === 'postgres' && asset.restore ? [{ secret: asset.restore.secret, path: ['assets', i, 'restore', 'secret'] }] : []),
  ]);
  const stores = plan.assets.map((asset) => (asset.kind === 'key' ? placeOf(asset.source).store : 'secret'));
  const identities = plan.assets.map((asset, i) =>
    asset.kind === 'key'
      ? `${stores[i]} ${placeOf(asset.source).name} ${asset.source.field ?? ''}`
      : `${asset.source.secret} of a database`,
  );
  return [
    ...repeated(identities).map(({ index }) =>
      finding(
        plan,
        'error',
        ['assets', index, 'source', stores[index] ?? 'secret'],
        'Another asset of this plan has the same source',
        `Name the ${stores[index] ?? 'secret'} that this asset alone is about`,
      ),
    ),
    // Secrets Manager appends a hyphen and six characters to an ARN; a name that ends like one is confused with it.
    ...secrets.flatMap(({ secret, path }) =>
      /-[A-Za-z0-9]{6}$/.test(secret)
        ? [
            finding(
              plan,
              'warning',
              path,
              'The name ends like the suffix of a secret’s ARN, and policies may fit another secret',
              'Leave out the last hyphen and six characters, or rename the secret',
            ),
          ]
        : [],
    ),
  ];
};

/** The guard stands in front of a rotation only where Secrets Manager calls a function for it, and in the secret's own region. */
export const checkRotation: Rule = (plan) =>
  keyAssets(plan).flatMap(({ asset: { source, escrow }, path }) => {
    const { rotationFunction } = escrow;
    if (rotationFunction === undefined) return [];
    const at = [...path, 'escrow', 'rotationFunction'];
    if (source.secret === undefined)
      return [
        finding(
          plan,
          'error',
          at,
          'Parameter Store rotates nothing, so that no guard can stand in front of it',
          'Leave it out, and run `npx holdfast escrow guard` before whatever changes the parameter',
        ),
      ];
    const [, , , , region, , , name = ''] = [undefined, ...rotationFunction.split(':')];
    if (region !== plan.home.region)
      return [finding(plan, 'error', at, `It is not in ${plan.home.region}, where the secret is`, 'Name the function of the home region')];
    return name.startsWith(`holdfast-${plan.system}-`)
      ? [
          finding(
            plan,
            'error',
            at,
            'This is Holdfast’s own function',
            'Name the function that makes the new value, which the guard then calls',
          ),
        ]
      : [];
  });
