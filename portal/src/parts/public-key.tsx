// The public half, in the forms that programs take, and what it is recognised by.
import { useState } from 'preact/hooks';
import { type PublicKeyForm, publicKeyAs } from '../../../lib/ssh/public-key-forms.ts';
import { t } from '../text/index.ts';
import type { Version } from '../types.ts';
import { Field } from './field.tsx';
import { Block, Copy, Fact } from './small.tsx';

/** As they are called in every language. */
const names: Readonly<Record<PublicKeyForm, string>> = {
  openssh: 'OpenSSH',
  rfc4716: 'RFC 4716',
  spki: 'PEM (SPKI)',
  jwk: 'JWK',
};

export function PublicKey({ version, name }: { version: Version; name: string }) {
  const { publicKey, fingerprints, keyPairId, keyPairName } = version;
  const texts = Object.entries(names).flatMap(([form, label]) => {
    const text = publicKeyAs(form as PublicKeyForm, publicKey, name);
    return text === undefined ? [] : [[label, text] as const];
  });
  const [label, setLabel] = useState(names.openssh);
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
          {keyPairId && <code>{keyPairId}</code>} {(keyPairName !== name || !keyPairId) && <code>{keyPairName}</code>}
        </Fact>
      </dl>
      <Field label={t('form')} value={label} onValue={setLabel} options={texts.map(([one]) => [one, one])} />
      <Block label={label} text={new Map(texts).get(label) ?? ''} />
    </section>
  );
}
