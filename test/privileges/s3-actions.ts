/** The rights that a request to S3 needs. Throws for a request that it does not know: a guess would show nothing. */
import type { RecordedRequest } from './recording-door.ts';

export type S3Ask = {
  action: string;
  bucket: string;
  key?: string;
  context?: Record<string, string>;
  /** What S3 asks KMS for, where the bucket's key encrypts. */
  kms?: string[];
  isOptional?: true;
};

const DAY_MILLISECONDS = 86_400_000;

/** A subresource in the query, the method, and the right: of objects with their own versions' names. */
const OF_BUCKET: [subresource: string, method: string, action: string][] = [
  ['versions', 'GET', 's3:ListBucketVersions'],
  ['uploads', 'GET', 's3:ListBucketMultipartUploads'],
  ['versioning', 'GET', 's3:GetBucketVersioning'],
  ['object-lock', 'GET', 's3:GetBucketObjectLockConfiguration'],
  ['encryption', 'GET', 's3:GetEncryptionConfiguration'],
  ['publicAccessBlock', 'GET', 's3:GetBucketPublicAccessBlock'],
  ['ownershipControls', 'GET', 's3:GetBucketOwnershipControls'],
  ['lifecycle', 'GET', 's3:GetLifecycleConfiguration'],
  ['policy', 'GET', 's3:GetBucketPolicy'],
];

const OF_OBJECT: [subresource: string, method: string, action: string][] = [
  ['retention', 'PUT', 's3:PutObjectRetention'],
  ['retention', 'GET', 's3:GetObjectRetention'],
  ['legal-hold', 'PUT', 's3:PutObjectLegalHold'],
  ['legal-hold', 'GET', 's3:GetObjectLegalHold'],
  ['restore', 'POST', 's3:RestoreObject'],
];

export function s3Asks(request: RecordedRequest): S3Ask[] {
  const { method, url } = request;
  const [bucket = '', ...rest] = decodeURIComponent(url.pathname.slice(1)).split('/');
  const key = rest.join('/');
  const query = url.searchParams;
  const has = (name: string) => query.has(name);
  if (key === '') {
    if (method === 'POST' && has('delete')) return deletions(request.body).map((ask) => ({ ...ask, bucket }));
    const known = OF_BUCKET.find(([name, m]) => m === method && has(name));
    const isListing = method === 'GET' && (has('list-type') || url.search === '');
    const action = known?.[2] ?? (isListing || method === 'HEAD' ? 's3:ListBucket' : undefined);
    if (action === undefined) throw unknown(request);
    const prefix = query.get('prefix');
    return [{ action, bucket, ...(prefix === null || action.includes('Multipart') ? {} : { context: { 's3:prefix': prefix } }) }];
  }
  const known = OF_OBJECT.find(([name, m]) => m === method && has(name));
  if (known) return [{ action: known[2], bucket, key, context: lockContext(request) }];
  const version = has('versionId') ? 'Version' : '';
  if (has('tagging') && (method === 'GET' || method === 'PUT'))
    return [{ action: `s3:${method === 'GET' ? 'Get' : 'Put'}Object${version}Tagging`, bucket, key }];
  if (method === 'DELETE')
    return [{ action: has('uploadId') ? 's3:AbortMultipartUpload' : version ? 's3:DeleteObjectVersion' : 's3:DeleteObject', bucket, key }];
  if (method === 'GET' && has('uploadId')) return [{ action: 's3:ListMultipartUploadParts', bucket, key }];
  if (method === 'GET' || method === 'HEAD') return read(request, bucket, key, version);
  if (method === 'PUT' || method === 'POST') return write(request, bucket, key);
  throw unknown(request);
}

const unknown = ({ method, url }: RecordedRequest) =>
  new Error(`No right is known for ${method} ${url.pathname}${url.search}: say in s3-actions.ts what it needs`);

function read({ method, headers, url }: RecordedRequest, bucket: string, key: string, version: string): S3Ask[] {
  // S3 decrypts for a head too, when that is to say the checksum.
  const decrypts = method === 'GET' || headers['x-amz-checksum-mode'] !== undefined;
  const asks: S3Ask[] = [{ action: `s3:GetObject${version}`, bucket, key, ...(decrypts ? { kms: ['kms:Decrypt'] } : {}) }];
  if (url.searchParams.has('attributes')) asks.push({ action: `s3:GetObject${version}Attributes`, bucket, key });
  // The headers of locks and holds are there for who may read them.
  for (const action of ['s3:GetObjectRetention', 's3:GetObjectLegalHold']) asks.push({ action, bucket, key, isOptional: true });
  return asks;
}

function write(request: RecordedRequest, bucket: string, key: string): S3Ask[] {
  const { method, headers, url } = request;
  const isStart = method === 'POST' && url.searchParams.has('uploads');
  const isPart = method === 'PUT' && url.searchParams.has('uploadId');
  const isEnd = method === 'POST' && url.searchParams.has('uploadId');
  const header = (name: string) => headers[name] as string | undefined;
  const context: Record<string, string> = {
    's3:ObjectCreationOperation': String(!isStart && !isPart),
    ...present('s3:if-none-match', header('if-none-match')),
    ...present('s3:x-amz-server-side-encryption', header('x-amz-server-side-encryption')),
    ...present('s3:x-amz-server-side-encryption-aws-kms-key-id', header('x-amz-server-side-encryption-aws-kms-key-id')),
    ...lockContext(request),
  };
  const kms = isPart || isEnd ? ['kms:Decrypt'] : ['kms:GenerateDataKey'];
  const asks: S3Ask[] = [{ action: 's3:PutObject', bucket, key, context, kms }];
  if (header('x-amz-object-lock-mode') !== undefined) asks.push({ action: 's3:PutObjectRetention', bucket, key, context });
  if (header('x-amz-object-lock-legal-hold') !== undefined) asks.push({ action: 's3:PutObjectLegalHold', bucket, key });
  if (header('x-amz-tagging') !== undefined) asks.push({ action: 's3:PutObjectTagging', bucket, key });
  const source = header('x-amz-copy-source');
  if (source !== undefined) {
    const [path = '', versionId] = source.replace(/^\//, '').split('?versionId=');
    const [from = '', ...fromKey] = decodeURIComponent(path).split('/');
    const action = versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
    asks.push({ action, bucket: from, key: fromKey.join('/'), kms: ['kms:Decrypt'] });
  }
  return asks;
}

/** Whole days that are left, rounded up, as S3 counts them. */
function lockContext({ headers, body, at }: RecordedRequest): Record<string, string> {
  const until = headers['x-amz-object-lock-retain-until-date'] ?? /<RetainUntilDate>([^<]+)</.exec(body)?.[1];
  if (until === undefined) return {};
  const mode = headers['x-amz-object-lock-mode'] ?? /<Mode>([^<]+)</.exec(body)?.[1] ?? '';
  return {
    's3:object-lock-remaining-retention-days': String(Math.ceil((Date.parse(String(until)) - at.getTime()) / DAY_MILLISECONDS)),
    's3:object-lock-mode': String(mode),
  };
}

const present = (name: string, value: string | undefined): Record<string, string> => (value === undefined ? {} : { [name]: value });

function deletions(body: string): Omit<S3Ask, 'bucket'>[] {
  return [...body.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = '']) => ({
    action: object.includes('<VersionId>') ? 's3:DeleteObjectVersion' : 's3:DeleteObject',
    key: unescape(/<Key>(.*?)<\/Key>/s.exec(object)?.[1] ?? ''),
  }));
}

const unescape = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&amp;', '&');
