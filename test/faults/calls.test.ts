/**
 * Each call of S3, KMS and Secrets Manager fails once, in each way: the run succeeds all the same or fails by name, nothing is said
 * that is not so, and the next run leaves what it would have left.
 */
import { afterAll, beforeAll, it } from 'vitest';
import { sweepBackup, sweepDatabase } from './sweep-backup.ts';
import { sweepDrill } from './sweep-drill.ts';
import { sweepEscrow } from './sweep-escrow.ts';
import { sweepRetention } from './sweep-retention.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

it('a backup of which one call fails', () => sweepBackup(world));
it('an expiry of which one call fails', () => sweepRetention(world));
it('an escrow of which one call fails', () => sweepEscrow(world));
it('a drill of which one call fails', () => sweepDrill(world));
it('a dump of which one message to the database fails', () => sweepDatabase(world));
