// How the private key is read, by those who may: elsewhere. Nothing of this page can read one, which is said first.
import { useSigned } from '../context.ts';
import { t } from '../text/index.ts';
import type { WholeRef } from '../types.ts';
import { Block } from './small.tsx';

const usual = { region: 'global', account: 'default' };

export function ReadKey({ of, secret }: { of: WholeRef; secret: string }) {
  const { settings } = useSigned();
  const { provider, name, region, account } = of;
  const where = `${region === usual.region ? '' : ` --region ${region}`}${account === usual.account ? '' : ` --account ${account}`}`;
  const query = new URLSearchParams({
    ...(region !== usual.region && { region }),
    ...(account !== usual.account && { account }),
  }).toString();
  const path = `${settings.api}/v1/${provider}/key-pairs/${encodeURIComponent(name)}${query && `?${query}`}`;
  return (
    <section aria-labelledby="read-key">
      <h2 id="read-key">{t('read-key')}</h2>
      <p class="note">{t('read-key.never')}</p>
      <Block label={t('read-key.keyvend')} text={`keyvend key ${provider} ${name}${where}`} />
      <Block label={t('read-key.ssh')} text={`keyvend ssh ${provider} ${name}${where} -- user@host`} />
      {secret.startsWith('arn:') ? (
        <Block
          label="AWS CLI"
          text={`aws secretsmanager get-secret-value --secret-id ${secret} --query SecretString --output text`}
        />
      ) : (
        <p>
          {t('read-key.stored')} <code>{secret}</code>
        </p>
      )}
      <Block label={t('read-key.curl')} text={`curl -sS '${path}' -H "authorization: Bearer $TOKEN"`} />
    </section>
  );
}
