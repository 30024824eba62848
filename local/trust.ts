import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** From here on this process trusts the authority besides the usual ones. Child processes are told by NODE_EXTRA_CA_CERTS. */
export function trustAuthority(caPem: string): void {
  setDefaultCACertificates([...getCACertificates('default'), caPem]);
}
