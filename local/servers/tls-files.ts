/** The authority of this run and one certificate for every loopback server of it, as files. */
import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../tls/certificates.ts';

export type TlsFiles = {
  caPath: string;
  caPem: string;
  issue(name: string, owner?: { uid: number; gid: number }): { certPath: string; keyPath: string };
};

export function createTlsFiles(directory: string, now: Date): TlsFiles {
  const authority = createAuthority('Holdfast local authority', now);
  const caPath = join(directory, 'ca.pem');
  writeFileSync(caPath, authority.certificatePem, { mode: 0o644 });
  return {
    caPath,
    caPem: authority.certificatePem,
    issue(name, owner) {
      const { certificatePem, keyPem } = authority.issue(name);
      const [certPath, keyPath] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
      writeFileSync(certPath, certificatePem, { mode: 0o644 });
      writeFileSync(keyPath, keyPem, { mode: 0o600 });
      if (owner) chownSync(keyPath, owner.uid, owner.gid);
      return { certPath, keyPath };
    },
  };
}
