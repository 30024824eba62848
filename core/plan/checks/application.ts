/** What a drill brings up: that its image can be pulled, its keys be had, and its checks be told apart in evidence. */
import type { Finding } from '../finding.ts';
import type { Application } from '../schema-application.ts';
import type { PostgresAsset, ProtectionPlan } from '../schema.ts';
import { finding, keyAssets, postgresAssets, repeated, type Path, type Rule } from './rule.ts';

export const checkApplication: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    const { application } = asset.drill;
    if (application === undefined) return [];
    const at = [...path, 'drill', 'application'];
    return [
      ...checkImages(plan, asset, application, at),
      ...checkEnvironment(plan, asset, application, at),
      ...checkNames(plan, asset, application, at),
    ];
  });

const ECR = /^\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\//;

/** The drill’s subnets lead to no registry but the region’s own, so that neither a dump nor an application can reach anything else. */
function checkImages(plan: ProtectionPlan, { drill }: PostgresAsset, { image, replicaImage }: Application, at: Path): Finding[] {
  const places = [
    { image, field: 'image', region: plan.home.region, network: plan.network },
    { image: replicaImage, field: 'replicaImage', region: plan.replica.region, network: plan.recovery.network },
  ];
  const found = places.flatMap(({ image: one, field, region, network }) => {
    if (one === undefined || ECR.exec(one)?.[1] === region) return [];
    const problem = `The subnets of the drill lead to the registry of ${region} alone, and this image is not there`;
    const severity = network.kind === 'new' ? 'error' : 'warning';
    return [finding(plan, severity, [...at, field], problem, `Copy it to a repository of ECR in ${region}, or pull it through one`)];
  });
  if (drill.fromReplica === undefined || replicaImage !== undefined) return found;
  const problem = `Drills from the replica bring nothing up: they have no image in ${plan.replica.region}`;
  return [...found, finding(plan, 'warning', [...at, 'replicaImage'], problem, 'Replicate the repository, and name the copy')];
}

function checkEnvironment(plan: ProtectionPlan, { needsKeys }: PostgresAsset, { environment }: Application, at: Path): Finding[] {
  const known = keyAssets(plan).map(({ asset }) => asset.id);
  return [
    ...repeated(environment.map(({ name }) => name)).map(({ index }) =>
      finding(plan, 'error', [...at, 'environment', index, 'name'], 'Another variable has the same name', 'Name each variable once'),
    ),
    ...environment.flatMap(({ name, key }, i) => {
      const found: Finding[] = [];
      if (/^(AWS|ECS)_/.test(name)) {
        const problem = 'It is brought up without any way to AWS, so that nothing of the restored data can act there';
        found.push(finding(plan, 'error', [...at, 'environment', i, 'name'], problem, 'Leave it out'));
      }
      if (key === undefined || needsKeys.includes(key)) return found;
      const problem = known.includes(key)
        ? 'Points do not record which version of this key they need'
        : 'No key asset of this plan has this id';
      const fix = known.includes(key) ? `Add \`${key}\` to needsKeys` : `Add a key asset \`${key}\`, and name it in needsKeys`;
      return [...found, finding(plan, 'error', [...at, 'environment', i, 'key'], problem, fix)];
    }),
  ];
}

function checkNames(plan: ProtectionPlan, { drill }: PostgresAsset, { probes, logins }: Application, at: Path): Finding[] {
  const others = drill.checks.map(({ name }) => name);
  const named = [
    ...probes.map(({ name }, i) => ({ name, path: [...at, 'probes', i, 'name'] })),
    ...logins.map(({ name }, i) => ({ name, path: [...at, 'logins', i, 'name'] })),
  ];
  return repeated([...others, ...named.map(({ name }) => name)]).flatMap(({ index }) => {
    const path = named[index - others.length]?.path;
    const problem = 'Another check of this drill has the same name';
    return path === undefined ? [] : [finding(plan, 'error', path, problem, 'Give each check a name of its own')];
  });
}
