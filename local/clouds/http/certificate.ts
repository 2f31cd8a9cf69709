// A certificate made at start, which clients trust when they are given its PEM. It signs itself and is its own authority.
import { generate } from 'selfsigned';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** EC P-256 for 127.0.0.1, ::1 and localhost; valid from a day ago, so that a client's slow clock takes it, for a year. */
export async function makeCertificate(): Promise<Certificate> {
  const dayMs = 24 * 60 * 60_000;
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'keyvend local clouds' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - dayMs),
    notAfterDate: new Date(Date.now() + 365 * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { cert, key };
}
