/** The deployed watchers, each under its role: a slot that nothing came of is a message; and so it is when the home region is gone. */
import { beforeAll, describe, expect, it } from 'vitest';
import { WatchAnswer } from '../../core/watch/contract.ts';
import { alarmTopicName, type Side } from '../../core/names.ts';
import { watchedAssets } from '../../core/watch/watched.ts';
import { makeAlarmTopic } from '../helpers/alarm-topic.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RUN_MILLISECONDS = 60_000;

/** The newest slot of the plan, 01:15, whose time is over: nothing in this suite is made for it. */
function lastSlot(now: number): { slot: Date; deadline: Date } {
  const atMidnight = Math.floor((now - 2.5 * HOUR_MS) / DAY_MS) * DAY_MS;
  return { slot: new Date(atMidnight + 1.25 * HOUR_MS), deadline: new Date(atMidnight + 2.5 * HOUR_MS) };
}

async function tellsOfTheSlot(system: DeployedSystem, side: Side): Promise<void> {
  const { slot, deadline } = lastSlot(Date.now());
  const { region, accountId } = side === 'vault' ? { ...system.place } : { ...system.replicaPlace, region: system.plan.replica.region };
  const topic = await makeAlarmTopic(region);
  try {
    await topic.subscribe(`arn:aws:sns:${region}:${accountId}:${alarmTopicName(system.plan.system)}`);
    const look = async (at: Date) => {
      const payload = { at: at.toISOString(), assets: watchedAssets(system.plan.assets, side) };
      return WatchAnswer.parse(await system.call('watch/watch-assets', JSON.parse(JSON.stringify(payload)), side));
    };
    // As of now too: what escrow has done in this suite is dated ahead of the slot, and counts for nothing then.
    expect(await look(new Date())).toMatchObject({ watched: system.plan.assets.length });
    const answer = await look(deadline);
    expect(answer).toMatchObject({ watched: system.plan.assets.length });
    expect(answer.slotsMissed).toBeGreaterThan(0);
    const { Subject, Message } = await topic.message(`The slot ${slot.toISOString()} has no point`);
    expect(Subject).toContain(`Holdfast: ${system.plan.system}, seen from the ${side}`);
    expect(Message).toContain('asset postgres of');
    expect(Message).toContain('docs/runbook.md, heading A slot was missed');
    // Everything could be read under the role that the watcher has.
    expect(Message).not.toContain('Nothing is known of it');
  } finally {
    topic.close();
  }
}

export const describeWatch = (deployed: () => DeployedSystem) =>
  describe('the watcher', { timeout: RUN_MILLISECONDS }, () => {
    it('tells of a slot that was missed, by the topic of the home region', () => tellsOfTheSlot(deployed(), 'vault'));
  });

/** After `describeWithoutHome`, which shuts the home region. */
export const describeWatchWithoutHome = (deployed: () => DeployedSystem) =>
  describe('the watcher of the second region', { timeout: RUN_MILLISECONDS }, () => {
    let system: DeployedSystem;
    beforeAll(() => {
      system = deployed();
      system.door.shut(system.plan.home.region);
    });

    it('tells of it too, with the home region gone', async () => {
      const before = system.door.refused.length;
      await tellsOfTheSlot(system, 'replica');
      expect(system.door.refused.slice(before)).toEqual([]);
    });
  });
