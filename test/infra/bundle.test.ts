/** What is deployed of a function: one small module that starts, and that still calls its errors by their names. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleFolder, bundleFunctions } from '../../infra/bundle.ts';
import { HANDLERS } from '../../infra/handlers.ts';

/**
 * Half of what the client of S3 and zod come to when taken whole is 525 kB. The watcher reads schedules, with croner, and decides all
 * that the status does; what confirms approvals asks CloudTrail; the escrow's bundles hold the AWS Encryption SDK, and the clients of Secrets Manager and Parameter Store.
 * A bundle that doubled has most likely got all languages of zod: `import * as z from 'zod'`, not `{ z }`.
 */
const LARGEST_BYTES = 580_000;
const LARGEST_BYTES_OF: Partial<Record<(typeof HANDLERS)[number], number>> = {
  'watch/watch-assets': 680_000,
  // The clients of KMS, Secrets Manager, Parameter Store and S3, and one of them that of SNS.
  'watch/watch-keys': 760_000,
  'approval/confirm-decisions': 600_000,
  // The clients of ECS, Application Auto Scaling, Systems Manager, Lambda, SNS and S3.
  'quiesce/stop': 820_000,
  'quiesce/check': 820_000,
  'quiesce/start': 820_000,
  'audit/check-settings': 700_000,
  'escrow/list-versions': 640_000,
  'escrow/guard-rotation': 720_000,
  'escrow/escrow-version': 1_160_000,
  'escrow/read-back': 880_000,
  'escrow/record-proof': 880_000,
};

const fileOf = (handler: (typeof HANDLERS)[number]) => join(bundleFolder(handler), `${handler}.mjs`);

beforeAll(() => bundleFunctions());

describe.each(HANDLERS)('the bundle of %s', (handler) => {
  it('is one module, and nothing else is deployed with it', () => {
    expect(readdirSync(bundleFolder(handler), { recursive: true, withFileTypes: true }).filter((file) => file.isFile())).toHaveLength(1);
  });

  it('is small', () => {
    expect(statSync(fileOf(handler)).size).toBeLessThan(LARGEST_BYTES_OF[handler] ?? LARGEST_BYTES);
  });

  it('keeps the names of errors', () => {
    const code = readFileSync(fileOf(handler), 'utf8');
    expect(['HoldfastError', 'BadConfiguration', 'BadRequest'].filter((name) => !code.includes(`(this,"${name}")`))).toEqual([]);
  });

  it('tries no way to credentials but the environment', () => {
    const code = readFileSync(fileOf(handler), 'utf8');
    expect(['http://169.254.169.254', 'AssumeRoleWithWebIdentity', 'sso_start_url'].filter((text) => code.includes(text))).toEqual([]);
  });

  it('answers', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { handler: call } = (await import(fileOf(handler))) as { handler: (event: unknown) => Promise<unknown> };
    // What people call by its URL answers with an error; what a machine calls throws it.
    const answered = await call({}).then(
      (answer) => JSON.parse((answer as { body: string }).body) as unknown,
      (error: Error) => ({ error: { failure: error.name } }),
    );
    expect(answered).toMatchObject({ error: { failure: 'BadConfiguration' } });
    vi.restoreAllMocks();
  });
});
