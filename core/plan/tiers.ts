/** Which published tier an asset keeps to, and which fits what it holds. */
import type { PostgresAsset, ProtectionPlan } from './schema.ts';

type Of = Pick<ProtectionPlan, 'tiers'>;
type Tiered = Pick<PostgresAsset, 'tier'>;
export type CadenceTier = NonNullable<ProtectionPlan['tiers']>['cadence'][number];
export type SizeTier = NonNullable<ProtectionPlan['tiers']>['size'][number];

export const cadenceTier = ({ tiers }: Of, { tier }: Tiered): CadenceTier | undefined =>
  tiers?.cadence.find(({ name }) => name === tier?.cadence);

export const sizeTier = ({ tiers }: Of, { tier }: Tiered): SizeTier | undefined => tiers?.size.find(({ name }) => name === tier?.size);

/** The smallest tier that holds so many objects; undefined when there is none. */
export const tierForObjects = ({ tiers }: Of, objects: number): SizeTier | undefined =>
  (tiers?.size ?? []).filter(({ mostObjects }) => objects <= mostObjects).toSorted((a, b) => a.mostObjects - b.mostObjects)[0];

export const rtoOf = (tier: SizeTier, host: 'same' | 'new') => (host === 'new' ? tier.rtoNewHost : tier.rtoSameHost);
