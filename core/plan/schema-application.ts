/** What a drill brings up on the restored database, and what it asks it: an application in a container of the drill's own task. */
import * as z from 'zod';
import { SecretName } from './schema-parts.ts';
import { answerFields, HttpProbe, LoginProbe } from './schema-probes.ts';

const Path = z
  .string()
  .max(500)
  .regex(/^\/[^\s#]*$/, 'a path such as /health')
  .describe('Path at the application, with its query');

const ImageByDigest = z
  .string()
  .max(500)
  .regex(/^[\w./:-]+@sha256:[0-9a-f]{64}$/, 'an image is named by digest: registry/name@sha256:…');

const Variable = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z_]\w{0,99}$/, 'letters, digits and underscores, such as DATABASE_URL')
      .describe('Name of the variable'),
    value: z.string().max(2000).optional().describe('Its value, which is no secret: it stands in the task definition'),
    database: z
      .enum(['url', 'host', 'port', 'name', 'user', 'password'])
      .optional()
      .describe('A part of the way to the restored database, or all of it as a URL; it is another one in each drill'),
    key: z
      .string()
      .optional()
      .describe('A key asset: the escrowed copy of what was current when the point was made, and never the live secret'),
    secret: SecretName.optional().describe('A secret that the drill’s task may read'),
    field: z.string().min(1).optional().describe('JSON field of `secret`; the whole value when absent'),
  })
  .refine(
    ({ value, database, key, secret }) => [value, database, key, secret].filter((source) => source !== undefined).length === 1,
    'has one of `value`, `database`, `key` and `secret`',
  )
  .refine(({ field, secret }) => field === undefined || secret !== undefined, 'has a `field` of a `secret` alone')
  .describe('One variable of the application’s environment');
export type Variable = z.infer<typeof Variable>;

const { url: _page, ca: _authority, ...askedPage } = HttpProbe.shape;
const ApplicationProbe = z.strictObject({ ...askedPage, path: Path }).describe('One request with GET, and what its answer has to be');

const { url: _login, ca: _issuer, afterwards, ...askedLogin } = LoginProbe.shape;
const { url: _next, ...askedAfterwards } = afterwards.unwrap().shape;
const ApplicationLogin = z
  .strictObject({
    ...askedLogin,
    path: Path.describe('Where the login is posted'),
    afterwards: z
      .strictObject({ ...askedAfterwards, ...answerFields, path: Path })
      .optional()
      .describe('A request that only somebody who is logged in gets answered'),
  })
  .describe('A login by a known account, and what its answer has to be');

export const Application = z
  .strictObject({
    kind: z.literal('container').describe('A container in the task of the drill, for as long as it is asked'),
    image: ImageByDigest.describe('The application’s image, which has `sh`; in a registry that the drill’s subnets lead to'),
    replicaImage: ImageByDigest.optional().describe(
      'The same image in a registry of the second region; drills from the replica bring nothing up when absent',
    ),
    command: z
      .array(z.string().min(1).max(1000))
      .min(1)
      .max(50)
      .describe('What is run: program and arguments; the image’s own entry point is not'),
    user: z
      .string()
      .regex(/^[1-9]\d{0,8}(:[1-9]\d{0,8})?$/, 'a numeric user, or user:group, such as 1000:1000; never root')
      .refine(
        (text) => text.split(':').every((id) => id !== '10001' && id !== '10002'),
        'another user than the drill’s own, 10001 and 10002',
      )
      .default('10003:10003')
      .describe('Whom it runs as'),
    memoryMiB: z.int().min(64).max(16_384).default(512).describe('Memory, besides that of the drill'),
    environment: z.array(Variable).max(100).default([]).describe('Its environment; of AWS it is told nothing, and it has no credentials'),
    databaseRole: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .describe(
        'The role of the restored database that it logs in as, under a password that is made for the drill; one that may do everything when absent',
      ),
    port: z.int().min(1024).max(65_535).describe('Where it listens; nobody but the drill’s own containers reaches it'),
    probes: z.array(ApplicationProbe).max(20).default([]).describe('Requests over HTTP'),
    logins: z.array(ApplicationLogin).max(10).default([]).describe('Logins over HTTP'),
  })
  .refine(({ probes, logins }) => probes.length + logins.length > 0, 'has a probe or a login: nothing else says that it works')
  .describe('What is brought up on the restored database, asked, and removed with it');
export type Application = z.infer<typeof Application>;
