// The public half, in the forms that programs take, and what it is recognised by.
import { useState } from 'preact/hooks';
import { rfc4716, spki } from '../public-key.ts';
import { t } from '../text/index.ts';
import type { Version } from '../types.ts';
import { Field } from './field.tsx';
import { Block, Copy, Fact } from './small.tsx';

export function PublicKey({ version, name }: { version: Version; name: string }) {
  const { publicKey, fingerprints, keyPairId, keyPairName } = version;
  const pem = spki(publicKey);
  const forms = {
    OpenSSH: `${publicKey}\n`,
    'RFC 4716': rfc4716(publicKey, name),
    ...(pem && { 'PEM (SPKI)': pem }),
  };
  const [form, setForm] = useState<string>('OpenSSH');
  return (
    <section aria-labelledby="public-key">
      <h2 id="public-key">{t('public-key')}</h2>
      <dl class="facts wide">
        <Fact name="SHA-256">
          <code>{fingerprints.sha256}</code> <Copy text={fingerprints.sha256} label="SHA-256" />
        </Fact>
        <Fact name="MD5">
          <code>{fingerprints.md5}</code> <Copy text={fingerprints.md5} label="MD5" />
        </Fact>
        <Fact name={t('at-the-cloud')}>
          <code>{keyPairId}</code> {keyPairName !== name && <code>{keyPairName}</code>}
        </Fact>
      </dl>
      <Field label={t('form')} value={form} onValue={setForm} options={Object.keys(forms).map((one) => [one, one])} />
      <Block label={form} text={forms[form as keyof typeof forms] ?? ''} />
    </section>
  );
}
