/**
 * One bucket, as Holdfast uses it. Split by what a role may do: nothing that only reads can be handed a way to write.
 * Every adapter passes test/contracts/object-store.ts.
 */
export type ObjectRef = { key: string; versionId?: string | undefined };
export type Crc = { algorithm: 'CRC64NVME' | 'CRC32'; value: string };
export type ObjectHead = {
  versionId: string;
  sizeBytes: number;
  crc?: Crc | undefined;
  lockedUntil?: Date | undefined;
  lockMode?: 'governance' | 'compliance' | undefined;
  /** Whether a legal hold is on it. */
  isHeld: boolean;
  /** How it is encrypted at rest: `AES256` or `aws:kms`, and the key's ARN. Undefined where the service does not say. */
  encryption?: { algorithm: string; keyArn?: string | undefined } | undefined;
};
export type ListedVersion = {
  key: string;
  versionId: string;
  sizeBytes: number;
  lastModified: Date;
  isLatest: boolean;
  isDeleteMarker: boolean;
  /** S3's own name of its storage class; undefined for a delete marker. */
  storageClass?: string | undefined;
};

export type ObjectReader = {
  readonly bucket: string;
  /** Whole object, for small ones. Undefined when there is no such object. */
  get(ref: ObjectRef): Promise<{ body: Uint8Array; versionId: string } | undefined>;
  /** Stream of an object's bytes; a broken connection is resumed by range, on the same version. Throws ObjectMissing. */
  read(ref: ObjectRef): AsyncIterable<Uint8Array>;
  head(ref: ObjectRef): Promise<ObjectHead | undefined>;
  /** Current objects under a prefix, in key order, page by page. */
  list(prefix: string): AsyncIterable<{ key: string; sizeBytes: number; lastModified: Date }>;
  /** Immediate "folders" under a prefix, each with its trailing slash: of current objects, or of any version where `evenHidden`. */
  listFolders(prefix: string, options?: { evenHidden: boolean }): AsyncIterable<string>;
  /** Every version and delete marker under a prefix, in key order, those of one key together, its versions newest first. */
  listVersions(prefix: string): AsyncIterable<ListedVersion>;
};

export type UploadOptions = {
  partBytes: number;
  signal?: AbortSignal;
  /**
   * When given, each chunk is a part as it is, and is not copied: all but the last are of `partBytes`. Called for each that was
   * stored; `isFree` is false when its bytes may still be read, by a try that was given up.
   */
  onPartStored?: (part: Uint8Array, isFree: boolean) => void;
};

export type ObjectWriter = {
  readonly bucket: string;
  /** Small object, written only when the key is absent. Throws ObjectExists when it is not. */
  putOnce(key: string, body: string | Uint8Array): Promise<{ versionId: string }>;
  /**
   * Streams a new object in parts with flat memory; the full-object CRC is checked by the service. On any error, or when `signal`
   * aborts, the upload is aborted and nothing is left but, at worst, an unfinished upload for the sweep.
   */
  upload(
    key: string,
    chunks: AsyncIterable<Uint8Array>,
    options: UploadOptions,
  ): Promise<{ versionId: string; sizeBytes: number; crc: Crc }>;
};

export type ObjectLocker = {
  /** Extends the lock of one version to `until`; never shortens. Throws AccessRefused when the service denies it. */
  lockUntil(ref: { key: string; versionId: string }, mode: 'governance' | 'compliance', until: Date): Promise<void>;
};

export type ObjectHolder = {
  /** Puts S3's legal hold on one version, or takes it off. A version that is gone is left. Throws AccessRefused, StoreUnavailable. */
  setHold(ref: { key: string; versionId: string }, isHeld: boolean): Promise<void>;
};

export type ObjectTagger = {
  /** Gives one version this tag, in place of all that it had. A version that is gone is left. Throws AccessRefused, StoreUnavailable. */
  tag(ref: { key: string; versionId: string }, name: string, value: string): Promise<void>;
};

/** `until`: what was retrieved can be read so long. */
export type Retrieval = { state: 'archived' | 'ongoing' } | { state: 'readable'; until: Date };

/** For objects of the classes that S3 gives no byte of until they were retrieved. */
export type ObjectRetriever = {
  /** Whether S3 gives the bytes now. Throws ObjectMissing. */
  look(ref: ObjectRef): Promise<Retrieval>;
  /** Asks for a copy that can be read for so many days; asked again it goes on, or lasts longer. Throws AccessRefused. */
  request(ref: ObjectRef, days: number): Promise<void>;
};

export type RefusedDeletion = { key: string; versionId: string; why: string };
export type UnfinishedUpload = { key: string; uploadId: string; startedAt: Date };

export type ObjectDeleter = {
  readonly bucket: string;
  /**
   * Deletes exactly these versions, for good; a delete marker is a version too. In no order: what has to go first is deleted by a
   * call of its own. A version that is gone counts as deleted. Answers with those that the service refused, for a lock, a hold or
   * a policy. Throws StoreUnavailable when some may still be there.
   */
  deleteVersions(refs: readonly { key: string; versionId: string }[]): Promise<RefusedDeletion[]>;
  /** Multipart uploads below a prefix that were begun, and neither completed nor aborted. */
  listUnfinished(prefix: string): AsyncIterable<UnfinishedUpload>;
  /** One that is gone counts as aborted. */
  abortUpload(upload: Pick<UnfinishedUpload, 'key' | 'uploadId'>): Promise<void>;
};
