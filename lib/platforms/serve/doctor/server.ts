// What lies in this machine's own files: certificates, secrets, and who may read them.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { DAY_MS } from '../../../clock.ts';
import type { PlatformConfiguration } from '../../platform-table.ts';
import { webhookSecrets } from '../webhook.ts';
import { type Finding, note, ok, wrong } from './finding.ts';

type Here = PlatformConfiguration<'serve'>;

export function lookAtServer(here: Here, nowMs: number): readonly Finding[] {
  const { KEYVEND_TLS_CERT_FILE: cert, KEYVEND_TLS_KEY_FILE: key, KEYVEND_LISTEN: listen } = here;
  if (cert !== undefined && key !== undefined) return certificate(cert, key, nowMs);
  const isOpen = !/^(?:127\.|localhost:|\[::1\])/.test(listen);
  return isOpen
    ? [
        note(
          'server',
          `it listens on ${listen} without TLS`,
          'Let nobody reach it but a proxy that has TLS, or set tls.cert-file and tls.key-file.',
        ),
      ]
    : [ok('server', `it listens on ${listen}, for a proxy on this machine`)];
}

function certificate(certFile: string, keyFile: string, nowMs: number): readonly Finding[] {
  try {
    const leaf = new X509Certificate(readFileSync(certFile));
    if (!leaf.checkPrivateKey(createPrivateKey(readFileSync(keyFile))))
      return [wrong('server', 'the certificate and its key do not belong together', 'Renew both.')];
    const days = Math.floor((Date.parse(leaf.validTo) - nowMs) / DAY_MS);
    const says = `the certificate of ${leaf.subjectAltName ?? leaf.subject} is valid for ${days} more days`;
    if (days < 0) return [wrong('server', 'the certificate has expired', 'Renew it; it is read anew by itself.')];
    return [days < 14 ? note('server', says, 'Renew it; it is read anew by itself.') : ok('server', says)];
  } catch (error) {
    const { code = 'not PEM' } = error as NodeJS.ErrnoException;
    return [
      wrong(
        'server',
        `the certificate or its key cannot be read (${code})`,
        'Both are PEM files that this user can read.',
      ),
    ];
  }
}

export function lookAtWebhook({
  KEYVEND_WEBHOOK_URL: url,
  KEYVEND_WEBHOOK_SECRET_FILE: file,
  KEYVEND_BUS: ofAws,
  KEYVEND_ALIBABA_BUS: ofAlibaba,
}: Here): readonly Finding[] {
  const buses = [ofAws, ofAlibaba].filter((bus) => bus !== undefined);
  if (url === undefined && buses.length > 0) return [ok('webhook', `events go to the bus ${buses.join(' and ')}`)];
  if (url === undefined)
    return [note('webhook', 'events go nowhere', 'Set webhook.url and webhook.secret-file to have them sent.')];
  if (file === undefined) return [wrong('webhook', 'events would not be signed', 'Set webhook.secret-file.')];
  try {
    webhookSecrets(file);
    return [ok('webhook', `events go to ${new URL(url).host}`), ...readers(file)];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [
      wrong(
        'webhook',
        code === undefined ? (error as Error).message : `its secret cannot be read (${code})`,
        'openssl rand -base64 32, with whsec_ before it.',
      ),
    ];
  }
}

/** A secret that everybody on the machine can read. */
export function readers(file: string): readonly Finding[] {
  const { mode } = statSync(file);
  return (mode & 0o007) === 0
    ? []
    : [wrong('server', `everybody on this machine can read ${file}`, `chmod o-rwx ${file}`)];
}
