/** Files of https://age-encryption.org/v1, which stock `age` opens. */
import { webcrypto } from 'node:crypto';
import { Decrypter, Encrypter } from 'age-encryption';
import { OfflineFileUnopened } from '../../../core/escrow/offline/errors.ts';
import { secretAsPkcs8 } from '../../../core/escrow/offline/identity.ts';

/** @param recipients X25519, `age1…` */
export async function sealOffline(value: Uint8Array, recipients: readonly string[]): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(value);
}

/**
 * The value in a file. The caller overwrites it.
 * @param secret of the offline identity
 * @param where names the file, for messages
 * @throws OfflineFileUnopened
 */
export async function openOffline(file: Uint8Array, secret: Uint8Array, where: string): Promise<Uint8Array> {
  const pkcs8 = secretAsPkcs8(secret);
  const imported = webcrypto.subtle.importKey('pkcs8', pkcs8, { name: 'X25519' }, false, ['deriveBits']);
  const key = await imported.finally(() => pkcs8.fill(0));
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  try {
    return await decrypter.decrypt(file);
  } catch (error) {
    const isOtherKey = error instanceof Error && error.message.includes('no identity matched');
    throw isOtherKey
      ? new OfflineFileUnopened('other-identity', `${where} was not made for the identity that these shares rebuild`, { cause: error })
      : new OfflineFileUnopened('damaged', `${where} is cut, altered, or no file of age`, { cause: error });
  }
}
