/** Where the database is and how to log in: from the plan's source and its secret. */
import { getCACertificates } from 'node:tls';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { PostgresSource } from '../../core/plan/schema.ts';
import { SecretUnusable } from './errors.ts';

const SourceSecret = z.object({
  host: z.string().min(1),
  port: z.coerce.number().int().min(1).max(65535).default(5432),
  dbname: z.string().min(1),
  username: z.string().min(1),
  password: z.string().optional(),
  ca: z.string().optional(),
});

type TlsMode = PostgresSource['tls'];
export type SourceLogin = {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  tls: { mode: TlsMode; /** PEM; undefined when nothing is verified */ ca: string | undefined };
};

export type SourceParts = {
  source: PostgresSource;
  secretText: string;
  /** Path of the RDS bundle of the image. */
  rdsBundlePath: string | undefined;
  /** A fresh token of RDS, valid for 15 minutes; asked for only when the plan says `rds-iam`. */
  signRdsToken: (at: { host: string; port: number; user: string }) => Promise<string>;
};

export async function resolveLogin({ source, secretText, rdsBundlePath, signRdsToken }: SourceParts): Promise<SourceLogin> {
  const secret = parseSecret(source.secret, secretText);
  const { host, port, dbname: database, username: user } = secret;
  const password = source.authentication === 'rds-iam' ? await signRdsToken({ host, port, user }) : secret.password;
  if (password === undefined) throw new SecretUnusable(source.secret, 'the field password is missing');
  const ca = await certificateAuthority(source, secret.ca, rdsBundlePath);
  return { host, port, database, user, password, tls: { mode: source.tls, ca } };
}

function parseSecret(name: string, text: string): z.infer<typeof SourceSecret> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SecretUnusable(name, 'it is not JSON');
  }
  const secret = SourceSecret.safeParse(json);
  if (!secret.success) throw new SecretUnusable(name, `the field ${secret.error.issues[0]?.path.join('.') || '(all)'} is missing or wrong`);
  return secret.data;
}

async function certificateAuthority(
  source: PostgresSource,
  fromSecret: string | undefined,
  rdsBundlePath: string | undefined,
): Promise<string | undefined> {
  if (source.tls === 'disable' || source.tls === 'require') return undefined;
  switch (source.ca) {
    case 'secret':
      if (fromSecret === undefined) throw new SecretUnusable(source.secret, 'the plan says `ca: secret`, and the field ca is missing');
      return fromSecret;
    case 'rds':
      if (rdsBundlePath === undefined)
        throw new SecretUnusable(source.secret, 'the plan says `ca: rds`, and this image names no RDS_CA_BUNDLE');
      return readFile(rdsBundlePath, 'utf8');
    case 'system':
      // Written out for libpq: its own `sslrootcert=system` came with PostgreSQL 16.
      return getCACertificates('system').join('\n');
    default:
      return source.ca satisfies never;
  }
}
