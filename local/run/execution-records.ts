/**
 * The executions of this machine, one file each, so that every process of it can answer what became of them. An execution whose
 * process is gone was ended with it.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { processStart } from '../processes/identity.ts';

const ExecutionRecord = z.object({
  arn: z.string(),
  machineArn: z.string(),
  name: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  startedAt: z.iso.datetime(),
  stoppedAt: z.iso.datetime().optional(),
  input: z.json(),
  output: z.json().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  /** The process that runs it. */
  owner: z.object({ pid: z.int(), start: z.string() }),
});
export type ExecutionRecord = z.infer<typeof ExecutionRecord>;

export type ExecutionRecords = {
  write(record: Omit<ExecutionRecord, 'owner'>): void;
  /** By ARN. Undefined when there never was one. */
  read(arn: string): ExecutionRecord | undefined;
};

export function executionRecords(directory: string): ExecutionRecords {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const owner = { pid: process.pid, start: processStart(process.pid) ?? '' };
  const pathOf = (arn: string) => join(directory, `${encodeURIComponent(arn.split(':').slice(-2).join('.'))}.json`);
  return {
    write(record) {
      const path = pathOf(record.arn);
      writeFileSync(`${path}.new`, JSON.stringify({ ...record, owner }), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
    read(arn) {
      const text = readIfThere(pathOf(arn));
      const record = text === undefined ? undefined : ExecutionRecord.parse(JSON.parse(text));
      if (record?.arn !== arn) return undefined;
      const isOrphan = record.status === 'RUNNING' && processStart(record.owner.pid) !== record.owner.start;
      return isOrphan ? { ...record, status: 'ABORTED', cause: 'The process that ran it has ended.' } : record;
    },
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
