/** What owner and operator of a system agreed besides what is backed up: who answers for what, what is covered, and when they look at it again. */
import * as z from 'zod';
import { Duration } from './schema-parts.ts';

/** What any system has to say something about; an area of another name may stand beside them. */
export const STANDARD_AREAS = [
  'tenant configuration',
  'operational data',
  'files and media',
  'integration state',
  'AI workflow evidence',
] as const;

export const REVIEW_TRIGGERS = ['deployment-model', 'release', 'integration', 'retention', 'audit', 'incident'] as const;
export type ReviewTrigger = (typeof REVIEW_TRIGGERS)[number];

const Name = z.string().trim().min(1).max(200);
const Instant = z.iso.datetime({ offset: true });

const Party = (what: string) =>
  z
    .strictObject({
      who: Name.describe('The team, company or person'),
      contact: Name.optional().describe('How they are reached when it is urgent: an address, a number, a channel'),
    })
    .optional()
    .describe(what);

const Owners = z
  .strictObject({
    hosting: Party('Who runs what the system stands on'),
    backup: Party('Who answers for points being made'),
    recovery: Party('Who restores'),
    support: Party('Whom users and operators turn to, and on which path'),
  })
  .prefault({})
  .describe('Who answers for what; one that is left out is found by `plan check`');

const Deployment = z
  .strictObject({
    model: z
      .enum(['provider-cloud', 'customer-cloud', 'on-premises', 'hybrid'])
      .describe('Whose infrastructure the system stands on: the provider’s, the customer’s in a cloud or at their own place, or several'),
    what: Name.optional().describe('The same in a sentence, for people'),
  })
  .describe('How the system is deployed');

const RestoreEnvironment = z
  .strictObject({
    name: Name.describe('What it is called'),
    what: Name.describe('What is brought up there, and who may look at it'),
    contact: Name.optional().describe('Who gives access to it'),
  })
  .describe('The environment in which a restore is validated');

const ScopeArea = z
  .strictObject({
    area: Name.describe('One of the standard areas, or one of the system’s own'),
    assets: z.array(z.string()).default([]).describe('Assets of this plan that hold it'),
    validatedBy: z
      .array(z.string())
      .default([])
      .describe(
        'Names of what shows that it came back: checks, probes, logins and canaries of a drill, a scenario, or the validation of a restore',
      ),
    out: z.string().min(10).optional().describe('Why it is not covered, when no asset holds it'),
  })
  .refine(({ assets, out }) => assets.length > 0 !== (out !== undefined), 'names `assets`, or says with `out` why there are none')
  .describe('One kind of content, and where it is protected');

const Review = z
  .strictObject({
    period: Duration.describe('The longest time between two reviews'),
    triggers: z
      .array(z.enum(REVIEW_TRIGGERS))
      .default([...REVIEW_TRIGGERS])
      .describe('What makes a review due before that'),
    last: z
      .strictObject({
        at: Instant.describe('When it was held'),
        by: Name.describe('Who held it'),
        plan: z
          .string()
          .regex(/^[0-9a-f]{16}$/, 'the fingerprint that `plan review --done` writes')
          .optional()
          .describe(
            'Fingerprint of what the plan said then, by which a later change is seen; `objectives --write` renews it for the targets that it changes',
          ),
        note: Name.optional().describe('What came of it'),
      })
      .optional()
      .describe('The last review, as `npx holdfast plan review --done` writes it'),
    recorded: z
      .array(
        z
          .strictObject({
            trigger: z.enum(REVIEW_TRIGGERS).describe('What happened'),
            at: Instant.describe('When it was recorded'),
            note: Name.describe('What it was'),
          })
          .describe('One thing that happened'),
      )
      .default([])
      .describe('What happened since the last review, as `npx holdfast plan review --record` writes it'),
  })
  .describe('When owner and operator look at this plan together');
export type Review = z.infer<typeof Review>;

export const Agreement = z
  .strictObject({
    owners: Owners,
    deployment: Deployment.optional(),
    restoreEnvironment: RestoreEnvironment.optional(),
    scope: z.array(ScopeArea).default([]).describe('What is covered and what is not: each area has its assets, or a reason why not'),
    review: Review.optional(),
  })
  .describe('What owner and operator agreed: `npx holdfast report` makes one page of it, `<system>-plan.html`');
export type Agreement = z.infer<typeof Agreement>;
