/** How it is found out that what was restored is what people need: by the database, over HTTP, by a login, and by eye. */
import * as z from 'zod';
import { SLOT_PATTERN } from '../vault/ids.ts';
import { DrillCheck } from './schema-drill.ts';
import { Duration, SecretName } from './schema-parts.ts';

const Name = z.string().min(1).max(80).describe('What is checked, as evidence and report show it');

const HttpUrl = z
  .string()
  .max(1000)
  .refine((text) => isProbeUrl(text), 'an https address, or http; without user, password or fragment')
  .describe('Where it is asked; over http nobody knows who answers');

function isProbeUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.hash === '';
}

const Certificate = z
  .string()
  .startsWith('-----BEGIN CERTIFICATE-----', 'a certificate authority’s certificate in PEM')
  .optional()
  .describe('Certificate authority of the server, where it is one of your own; the public ones when absent');

const answerFields = {
  status: z.int().min(100).max(599).default(200).describe('The status of the answer'),
  contains: z.string().min(1).max(200).optional().describe('Text that the first 256 KiB of the answer contain'),
};
const timing = {
  ca: Certificate,
  timeout: Duration.default('PT10S').describe('The longest that one request may take'),
  within: Duration.default('PT5M').describe('How long it is tried again: services that were put back take a while'),
};

const HttpProbe = z
  .strictObject({
    name: Name,
    url: HttpUrl,
    ...answerFields,
    redirects: z
      .int()
      .min(0)
      .max(5)
      .default(0)
      .describe('How many redirects are followed, to the same host alone; without any, a redirect is the answer'),
    ...timing,
  })
  .describe('One request with GET, and what its answer has to be');
export type HttpProbe = z.infer<typeof HttpProbe>;

const LoginProbe = z
  .strictObject({
    name: Name,
    url: HttpUrl.describe('Where the login is posted'),
    secret: SecretName.describe('Name of the secret with `username` and `password` of an account that may do little'),
    format: z.enum(['json', 'form']).default('json').describe('How user name and password are posted'),
    usernameField: z.string().min(1).max(60).default('username').describe('Name of the field of the user name'),
    passwordField: z.string().min(1).max(60).default('password').describe('Name of the field of the password'),
    ...answerFields,
    afterwards: z
      .strictObject({
        url: HttpUrl.describe('Asked with the cookies of the login, on the same host'),
        tokenField: z
          .string()
          .regex(/^[\w-]+(\.[\w-]+)*$/, 'a path such as data.token')
          .optional()
          .describe('Where the login’s JSON answer has a bearer token, which is sent along'),
        ...answerFields,
      })
      .optional()
      .describe('A request that only somebody who is logged in gets answered'),
    ...timing,
  })
  .describe('A login by a known account, and what its answer has to be');
export type LoginProbe = z.infer<typeof LoginProbe>;

const RowCount = z
  .strictObject({
    table: z
      .string()
      .regex(/^[^.]+\.[^.]+$/, 'schema.table')
      .describe('`schema.table`; of a partitioned table the rows of all partitions'),
    against: z
      .string()
      .refine(
        (text) => text === 'verified' || SLOT_PATTERN.test(text),
        '`verified`, or the id of an earlier point such as 20261121T020000Z',
      )
      .default('verified')
      .describe('What the rows are compared with: what verify counted of the point that is restored, or of an earlier point, by its id'),
    tolerancePercent: z.number().min(0).max(100).default(0).describe('Rows more or fewer than this are a failure'),
  })
  .describe('Rows of a restored table against what verify counted');

const ManualCheck = z
  .strictObject({
    name: Name,
    what: z.string().min(10).max(500).describe('What a person looks at, and what has to be seen'),
  })
  .describe('A check by eye, ticked with name and note in the sign-off');
export type ManualCheck = z.infer<typeof ManualCheck>;

export const Validation = z
  .strictObject({
    checks: z.array(DrillCheck).default([]).describe('SQL comparisons in the restored database, before it takes the place of another'),
    rowCounts: z.array(RowCount).default([]).describe('Rows of tables against what verify counted'),
    probes: z.array(HttpProbe).max(20).default([]).describe('Requests over HTTP, once everything was put back'),
    logins: z.array(LoginProbe).max(10).default([]).describe('Logins over HTTP, once everything was put back'),
    manual: z.array(ManualCheck).max(30).default([]).describe('Checks by eye; the restore is signed off when all are ticked'),
  })
  .describe('What has to be right after a restore');
export type Validation = z.infer<typeof Validation>;
