// One key pair: what it is and how its key is read, what becomes of it next, and what was done to it.
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { useAsk } from '../ask.ts';
import { useSigned } from '../context.ts';
import { History } from '../parts/history.tsx';
import { LingeringPairs } from '../parts/lingering.tsx';
import { RestoreDialog, RetireDialog, RotateDialog } from '../parts/pair-dialogs.tsx';
import { PolicyEditor } from '../parts/policy.tsx';
import { ProblemView } from '../parts/problem.tsx';
import { PublicKey } from '../parts/public-key.tsx';
import { ReadKey } from '../parts/read-key.tsx';
import { Badge, Empty, Fact, Heading, Loading, When, Who } from '../parts/small.tsx';
import { Table } from '../parts/table.tsx';
import { placeOf, refOf } from '../places.ts';
import { t, word } from '../text/index.ts';
import type { KeyPair, WholeRef } from '../types.ts';

export function KeyPairPage({ of }: { of: WholeRef }) {
  const { api } = useSigned();
  const asked = useAsk(() => api.read(of), JSON.stringify(of));
  const { data, problem, again } = asked;
  return (
    <>
      <Heading title={of.name}>
        {data && <Badge group="state" state={data.state} />}
        {data && <Actions pair={data} done={again} />}
      </Heading>
      {problem && <ProblemView problem={problem} about={{ right: 'read', of }} again={again} />}
      {data ? <About pair={data} again={again} /> : !problem && <Loading />}
    </>
  );
}

function Actions({ pair, done }: { pair: KeyPair; done(): void }) {
  const [, go] = useLocation();
  const [asks, setAsks] = useState<'rotate' | 'retire' | 'restore'>();
  const close = () => setAsks(undefined);
  const ref = refOf(pair);
  return (
    <span class="actions">
      {pair.state === 'active' && (
        <>
          <button type="button" class="main" onClick={() => setAsks('rotate')}>
            {t('rotate')}
          </button>
          <button type="button" class="danger" onClick={() => setAsks('retire')}>
            {t('retire')}
          </button>
        </>
      )}
      {pair.state === 'retired' && (
        <button type="button" class="main" onClick={() => setAsks('restore')}>
          {t('restore')}
        </button>
      )}
      {asks === 'rotate' && (
        <RotateDialog of={ref} close={close} begun={(id) => go(placeOf(ref, `/rotations/${id}`))} />
      )}
      {asks === 'retire' && <RetireDialog of={ref} close={close} done={done} />}
      {asks === 'restore' && <RestoreDialog of={ref} close={close} done={done} />}
    </span>
  );
}

function About({ pair, again }: { pair: KeyPair; again(): void }) {
  const { provider, region, account, requestedBy, requestedAt, versions, rotations, retirement, lingering } = pair;
  const ref = refOf(pair);
  const current = versions.find((version) => version.current) ?? versions.at(-1);
  return (
    <>
      <dl class="facts">
        <Fact name={t('provider')}>{provider.toUpperCase()}</Fact>
        <Fact name={t('region')}>{region}</Fact>
        <Fact name={t('account')}>{account}</Fact>
        <Fact name={t('requested')}>
          <When at={requestedAt} /> <Who id={requestedBy} />
        </Fact>
        {current && (
          <Fact name={t('key-since')}>
            <When at={current.activatedAt} />
          </Fact>
        )}
        <Fact name={t('next-rotation')}>
          {pair.nextAgeRotationAt ? <When at={pair.nextAgeRotationAt} /> : word('no-age', pair.noAgeRotation ?? 'off')}
        </Fact>
        {Object.entries(pair.tags ?? {}).map(([name, value]) => (
          <Fact key={name} name={`${t('tag')} ${name}`}>
            {value}
          </Fact>
        ))}
      </dl>
      {retirement && (
        <p class="note denied">
          {t('retired.says', { by: retirement.requestedBy })} <When at={retirement.purgeAt} said="moment" />
        </p>
      )}
      {lingering && <LingeringPairs of={ref} pairs={lingering} done={again} />}
      {current && (
        <>
          {current.secretReference ? (
            <ReadKey of={ref} secret={current.secretReference} />
          ) : (
            <p class="note">{t('read-key.callers')}</p>
          )}
          <PublicKey version={current} name={pair.name} />
        </>
      )}
      <section aria-labelledby="rotations">
        <h2 id="rotations">{t('rotations')}</h2>
        {rotations.length === 0 ? (
          <Empty says="rotations.none" />
        ) : (
          <Table caption={t('rotations')}>
            <tbody>
              {rotations.toReversed().map(({ id, state }) => (
                <tr key={id}>
                  <th scope="row">
                    <Link href={placeOf(ref, `/rotations/${id}`)}>{id}</Link>
                  </th>
                  <td>
                    <Badge group="rotation" state={state} />
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </section>
      <PolicyEditor of={ref} done={again} />
      <History of={ref} />
    </>
  );
}
