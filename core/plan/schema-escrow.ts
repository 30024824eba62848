/** The part of a protection plan that says how a key is recovered without AWS. */
import * as z from 'zod';
import { recipientKind } from '../escrow/offline/recipients.ts';
import { Duration } from './schema-parts.ts';

const Recipient = z
  .string()
  .superRefine((text, context) => {
    const found = recipientKind(text);
    if (found.kind === 'wrong') context.addIssue({ code: 'custom', message: `not a recipient of age: ${found.why}` });
    // The functions have no `age` program, which a plugin needs: the device keeps an identity instead.
    if (found.kind === 'plugin')
      context.addIssue({
        code: 'custom',
        message: `a recipient of the plugin ${found.plugin}: seal an identity for the device and name its recipient, as docs/custodians.md says (A hardware key)`,
      });
  })
  .describe('A recipient of age: `age1…`, as `holdfast escrow ceremony` prints it');

export const Offline = z
  .strictObject({
    recipients: z.array(Recipient).min(1).max(8).describe('Who can open the offline file: any one of them alone'),
    proofValid: Duration.default('P12M').describe('How long a witnessed proof counts that the offline file gives the key'),
  })
  .describe('A file that needs neither AWS nor Holdfast: stock `age` opens it with an identity that the recipients hold');
export type Offline = z.infer<typeof Offline>;
