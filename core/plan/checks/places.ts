/** Vault and replica vault stand in two regions, best in two accounts, and neither in the account of the databases. */
import { partitionOf } from '../../partition.ts';
import type { Finding } from '../finding.ts';
import { finding, type Rule } from './rule.ts';

/** How the name of every region ends, in every partition. */
const COMPASS = /-(central|(north|south)?(east|west)|north|south)-\d$/;

export const checkRegions: Rule = (plan) => {
  const { home, replica } = plan;
  const misspelt = (['home', 'replica'] as const).filter((place) => !COMPASS.test(plan[place].region));
  if (misspelt.length > 0)
    return misspelt.map((place) =>
      finding(plan, 'error', [place, 'region'], 'No region of AWS is called so', 'Write it as AWS does, such as eu-central-1'),
    );
  if (home.region === replica.region) {
    return [
      finding(
        plan,
        'error',
        ['replica', 'region'],
        'The replica vault would be lost together with the vault',
        'Choose a region other than `home.region`',
      ),
    ];
  }
  if (partitionOf(home.region) === partitionOf(replica.region)) return [];
  const problem = `No role of ${home.region} can reach ${replica.region}: they are in separate partitions of AWS`;
  return [finding(plan, 'error', ['replica', 'region'], problem, 'Choose a region of the same partition')];
};

export const checkAccounts: Rule = (plan) => {
  const findings: Finding[] = [];
  const { home, replica, sourceAccount } = plan;
  if (home.account === replica.account) {
    const problem = 'Vault and replica vault share an account: who takes it over reaches both';
    findings.push(finding(plan, 'warning', ['replica', 'account'], problem, 'Give the replica vault an account of its own'));
  }
  if (sourceAccount === undefined) {
    const problem = 'It is not known whether the vault shares the account of the databases';
    findings.push(finding(plan, 'warning', ['sourceAccount'], problem, 'State the account of the databases'));
  } else if (home.account === undefined || home.account === sourceAccount) {
    const problem =
      home.account === undefined
        ? 'The vault is in the account of the deployment, which may be that of the databases'
        : 'The vault shares the account of the databases: who takes it over reaches data and backup';
    findings.push(finding(plan, 'warning', ['home', 'account'], problem, 'Give the vault an account other than `sourceAccount`'));
  }
  return findings;
};

export const checkAlarmTopic: Rule = (plan) =>
  [
    { topic: plan.alarmTopic, path: ['alarmTopic'], wanted: plan.home.region, which: 'home region' },
    { topic: plan.recovery.alarmTopic, path: ['recovery', 'alarmTopic'], wanted: plan.replica.region, which: "replica's region" },
  ].flatMap(({ topic, path, wanted, which }) => {
    if (topic === undefined) return [];
    const [, , service, region] = topic.split(':');
    if (service === 'sns' && region === wanted) return [];
    const problem = `This is not an SNS topic of the ${which}`;
    return [finding(plan, 'error', path, problem, `Write arn:${partitionOf(wanted)}:sns:${wanted}:<account>:<topic>`)];
  });
