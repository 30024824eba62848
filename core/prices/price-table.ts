/**
 * List prices of AWS in US dollars, for the estimate of what Holdfast costs. They change: each has the page that states it, and
 * where it was found again when this table was made: in a copy of that page, or with somebody who quoted it in a month. One without
 * is from memory, and shown as not confirmed.
 */
export const PRICE_REGIONS = { home: 'us-east-1', replica: 'us-west-2' } as const;
export const PRICES_AS_OF = '2026-11';

export type Price = { usd: number; per: string; page: string; confirmed?: string };

const PAGES = {
  fargate: 'https://aws.amazon.com/fargate/pricing/',
  s3: 'https://aws.amazon.com/s3/pricing/',
  privateLink: 'https://aws.amazon.com/privatelink/pricing/',
  kms: 'https://aws.amazon.com/kms/pricing/',
  stepFunctions: 'https://aws.amazon.com/step-functions/pricing/',
  lambda: 'https://aws.amazon.com/lambda/pricing/',
  secrets: 'https://aws.amazon.com/secrets-manager/pricing/',
  cloudWatch: 'https://aws.amazon.com/cloudwatch/pricing/',
  rds: 'https://aws.amazon.com/rds/postgresql/pricing/',
  ec2: 'https://aws.amazon.com/ec2/pricing/on-demand/',
  ebs: 'https://aws.amazon.com/ebs/pricing/',
};

export const PRICES = {
  fargateVcpuHour: { usd: 0.04048, per: 'vCPU-hour, Linux on x86', page: PAGES.fargate, confirmed: 'third party, 2026-06' },
  fargateGbHour: { usd: 0.004445, per: 'GB-hour of memory', page: PAGES.fargate, confirmed: 'third party, 2026-06' },
  fargateStorageGbHour: {
    usd: 0.000111,
    per: 'GB-hour of ephemeral storage past 20 GB',
    page: PAGES.fargate,
    confirmed: 'third party, 2026-06',
  },
  s3GbMonth: { usd: 0.023, per: 'GB-month, Standard', page: PAGES.s3, confirmed: 'third party, 2026-03' },
  s3Put: { usd: 0.005 / 1000, per: 'PUT, COPY or part', page: PAGES.s3 },
  s3Get: { usd: 0.0004 / 1000, per: 'GET', page: PAGES.s3 },
  regionTransferGb: { usd: 0.02, per: 'GB to another region', page: PAGES.s3, confirmed: 'third party, 2026-06' },
  endpointHour: { usd: 0.01, per: 'interface endpoint, zone and hour', page: PAGES.privateLink, confirmed: 'third party, 2026-05' },
  endpointGb: { usd: 0.01, per: 'GB through an interface endpoint', page: PAGES.privateLink, confirmed: 'third party, 2026-05' },
  kmsKeyMonth: { usd: 1, per: 'key and month', page: PAGES.kms, confirmed: 'copy of the page' },
  kmsRequest: { usd: 0.03 / 10_000, per: 'request', page: PAGES.kms, confirmed: 'third party, 2026-06' },
  transition: { usd: 0.025 / 1000, per: 'state transition', page: PAGES.stepFunctions, confirmed: 'copy of the page' },
  lambdaGbSecond: { usd: 0.0000166667, per: 'GB-second on x86', page: PAGES.lambda },
  lambdaRequest: { usd: 0.2 / 1e6, per: 'request', page: PAGES.lambda },
  secretMonth: { usd: 0.4, per: 'secret and month', page: PAGES.secrets },
  alarmMonth: { usd: 0.1, per: 'alarm and month', page: PAGES.cloudWatch },
  metricMonth: { usd: 0.3, per: 'metric and month', page: PAGES.cloudWatch, confirmed: 'third party, 2026-02' },
  logGb: { usd: 0.5, per: 'GB of logs taken in', page: PAGES.cloudWatch, confirmed: 'third party, 2026-06' },
  rdsSnapshotGbMonth: { usd: 0.095, per: 'GB-month of RDS snapshots', page: PAGES.rds },
  rdsInstanceHour: { usd: 0.178, per: 'db.m7g.large-hour, to try a snapshot', page: PAGES.rds },
  rdsStorageGbMonth: { usd: 0.115, per: 'GB-month of gp3 of a restored instance', page: PAGES.rds },
  hostHour: { usd: 0.0816, per: 'm7g.large-hour', page: PAGES.ec2 },
  ebsGbMonth: { usd: 0.08, per: 'GB-month of gp3', page: PAGES.ebs },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

export const unconfirmed = (): PriceName[] => (Object.keys(PRICES) as PriceName[]).filter((name) => !('confirmed' in PRICES[name]));
