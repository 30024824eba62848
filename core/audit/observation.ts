/** What a bucket and a key are, as the services say it. */
import type { LifecycleRule, PolicyDocument } from './expectation.ts';

export type ObservedBucket = {
  versioning: 'enabled' | 'suspended' | 'off';
  /** Undefined without Object Lock; `defaultLock` undefined when it has no default retention. */
  objectLock: { defaultLock: { mode: 'governance' | 'compliance'; days: number } | undefined } | undefined;
  encryption: { algorithm: string; keyArn?: string | undefined };
  /** Settings of the public access block that are off. */
  openToThePublic: string[];
  /** Whether access lists are without effect, and every object is the bucket owner's. */
  isOwnerEnforced: boolean;
  lifecycle: LifecycleRule[];
  /** Undefined when there is none. */
  policy: PolicyDocument | undefined;
};

export type ObservedKey = {
  keyArn: string;
  /** As KMS calls it: `Enabled`, `Disabled`, `PendingDeletion` … */
  state: string;
  deletionAt?: Date | undefined;
  rotates: boolean;
  policy: PolicyDocument | undefined;
};

/** Asks the services. Each answers undefined when there is no such bucket or alias. */
export type SettingsReader = {
  bucket(name: string): Promise<ObservedBucket | undefined>;
  key(alias: string): Promise<ObservedKey | undefined>;
};
