// The accounts on hosts that a key opens: one row each.
import { t } from '../text/index.ts';
import type { Host } from '../types.ts';
import { Empty } from './small.tsx';
import { Table } from './table.tsx';

export function Hosts({ hosts, onHosts }: { hosts: readonly Host[]; onHosts(hosts: readonly Host[]): void }) {
  const set = (at: number, change: object) =>
    onHosts(hosts.map((host, i) => (i === at ? { ...host, ...change } : host)));
  const field = (at: number, name: string, value: string, put: (text: string) => object, more: object = {}) => (
    <input
      aria-label={`${t(name === 'user' ? 'host.user' : name === 'port' ? 'host.port' : name === 'host' ? 'host.host' : 'host.keys')} ${at + 1}`}
      value={value}
      onInput={({ currentTarget }) => set(at, put(currentTarget.value))}
      spellcheck={false}
      autocomplete="off"
      {...more}
    />
  );
  return (
    <fieldset>
      <legend>{t('hosts')}</legend>
      {hosts.length === 0 ? (
        <Empty says="hosts.none" />
      ) : (
        <Table caption={t('hosts')}>
          <thead>
            <tr>
              <th scope="col">{t('host.user')}</th>
              <th scope="col">{t('host.host')}</th>
              <th scope="col">{t('host.port')}</th>
              <th scope="col">{t('host.keys')}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {hosts.map(({ user, host, port = 22, hostKeys = [] }, i) => (
              <tr key={i}>
                <td>{field(i, 'user', user, (text) => ({ user: text }), { required: true, size: 8 })}</td>
                <td>{field(i, 'host', host, (text) => ({ host: text }), { required: true })}</td>
                <td>
                  {field(i, 'port', String(port), (text) => ({ port: Number(text) }), {
                    type: 'number',
                    min: 1,
                    max: 65535,
                  })}
                </td>
                <td>
                  {field(
                    i,
                    'keys',
                    hostKeys.join(' , '),
                    (text) => ({ hostKeys: text.split(/\s*,\s*/).filter((key) => key !== '') }),
                    { size: 28 },
                  )}
                </td>
                <td>
                  <button
                    type="button"
                    aria-label={`${t('host.remove')} ${user}@${host}`}
                    onClick={() => onHosts(hosts.filter((_, at) => at !== i))}
                  >
                    {t('host.remove')}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <button type="button" onClick={() => onHosts([...hosts, { user: '', host: '', port: 22, hostKeys: [] }])}>
        {t('host.add')}
      </button>
    </fieldset>
  );
}
