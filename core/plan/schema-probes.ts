/** What is asked of an application over HTTP, and what its answer has to be. */
import * as z from 'zod';
import { Duration, SecretName } from './schema-parts.ts';

export const CheckName = z.string().min(1).max(80).describe('What is checked, as evidence and report show it');

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

export const answerFields = {
  status: z.int().min(100).max(599).default(200).describe('The status of the answer'),
  contains: z.string().min(1).max(200).optional().describe('Text that the first 256 KiB of the answer contain'),
};
const timing = {
  ca: Certificate,
  timeout: Duration.default('PT10S').describe('The longest that one request may take'),
  within: Duration.default('PT5M').describe('How long it is tried again: services that were put back take a while'),
};

export const HttpProbe = z
  .strictObject({
    name: CheckName,
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

export const LoginProbe = z
  .strictObject({
    name: CheckName,
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
