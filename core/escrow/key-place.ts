/** Where the value of a key stands: a secret of Secrets Manager or a parameter of Parameter Store, and which JSON field of it. */
import * as z from 'zod';

export const KEY_STORES = ['secret', 'parameter'] as const;
export type KeyStore = (typeof KEY_STORES)[number];
export type KeyPlace = { store: KeyStore; name: string; field: string | undefined };

/** As the plan has it; one of the two names is there. */
export const PlanSource = z
  .object({ secret: z.string().min(1).optional(), parameter: z.string().min(1).optional(), field: z.string().min(1).optional() })
  .refine(({ secret, parameter }) => (secret === undefined) !== (parameter === undefined), 'names a secret or a parameter, one of the two');
export type PlanSource = z.infer<typeof PlanSource>;

export const placeOf = ({ secret, parameter, field }: PlanSource): KeyPlace =>
  secret === undefined ? { store: 'parameter', name: parameter ?? '', field } : { store: 'secret', name: secret, field };

/** For messages. */
export const describePlace = ({ store, name }: KeyPlace): string => `the ${store} '${name}'`;
