// A rotation, host by host, as it goes on. What does not get on by itself is said first, with what to do.
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAsk, useEvery } from '../ask.ts';
import { useSigned } from '../context.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { ProblemView } from '../parts/problem.tsx';
import { RotationHosts } from '../parts/rotation-hosts.tsx';
import { Badge, Fact, Heading, Loading, When, Who } from '../parts/small.tsx';
import { Steps } from '../parts/steps.tsx';
import { placeOf, titleOf } from '../places.ts';
import { t, word } from '../text/index.ts';
import type { Rotation, WholeRef } from '../types.ts';

const EVERY_MS = 1_500;
const over = new Set(['purged', 'cancelled']);
const cancellable = new Set(['requested', 'staged', 'rolled-out', 'proven']);

export function RotationPage({ of, id }: { of: WholeRef; id: string }) {
  const { api, say } = useSigned();
  const [state, setState] = useState('');
  const { data, problem, again, put } = useAsk(
    async () => {
      const rotation = await api.rotation(of, id);
      if (state !== '' && rotation.state !== state) say(`${t('rotation')}: ${word('rotation', rotation.state)}`);
      setState(rotation.state);
      return rotation;
    },
    `${JSON.stringify(of)} ${id}`,
  );
  // What may pass by itself is asked again; that one may not see it, or is not signed in any more, does not pass.
  const mayPass = problem === undefined || !problem.status || problem.status >= 500;
  useEvery(EVERY_MS, mayPass && data !== undefined && !over.has(data.state), again);
  return (
    <>
      <Heading title={t('rotation.of', { name: of.name })}>
        {data && <Badge group="rotation" state={data.state} />}
        {data && cancellable.has(data.state) && <Cancel of={of} id={id} done={put} />}
      </Heading>
      <p>
        <Link href={placeOf(of)}>{titleOf(of)}</Link>
      </p>
      {problem && <ProblemView problem={problem} about={{ right: 'read', of }} again={again} />}
      {data ? <About of={of} rotation={data} put={put} /> : !problem && <Loading />}
    </>
  );
}

function About({ of, rotation, put }: { of: WholeRef; rotation: Rotation; put(rotation: Rotation): void }) {
  const { lastError, stalledAt, nextTryAt, requestedAt, requestedBy, promotedAt, endedAt, from, successor } = rotation;
  const [waives, setWaives] = useState<string>();
  return (
    <>
      {lastError && (
        <div class={`note ${stalledAt ? 'failed' : 'denied'}`}>
          <p>
            <strong>{t(stalledAt ? 'rotation.stalled' : 'rotation.tries')}</strong> <code>{lastError.code}</code>{' '}
            <When at={lastError.at} />
          </p>
          <p>{lastError.detail}</p>
        </div>
      )}
      <Steps state={rotation.state} />
      <dl class="facts">
        <Fact name={t('requested')}>
          <When at={requestedAt} /> <Who id={requestedBy} />
        </Fact>
        <Fact name={t('rotation.reason')}>{word('reason', rotation.reason)}</Fact>
        <Fact name={t('rotation.from')}>
          <code>{from.keyPairId ?? from.fingerprint}</code>
        </Fact>
        {successor && (
          <Fact name={t('rotation.to')}>
            <code>{successor.keyPairId ?? successor.fingerprint}</code> <small>{successor.keyPairName}</small>
          </Fact>
        )}
        {promotedAt && (
          <Fact name={word('rotation', 'promoted')}>
            <When at={promotedAt} />
          </Fact>
        )}
        {nextTryAt && (
          <Fact name={t('next-try')}>
            <When at={nextTryAt} />
          </Fact>
        )}
        {endedAt && (
          <Fact name={t('ended')}>
            <When at={endedAt} />
          </Fact>
        )}
      </dl>
      <RotationHosts hosts={rotation.hosts} canWaive={!over.has(rotation.state)} waive={setWaives} />
      {waives !== undefined && (
        <Waive of={of} id={rotation.id} host={waives} done={put} close={() => setWaives(undefined)} />
      )}
    </>
  );
}

function Cancel({ of, id, done }: { of: WholeRef; id: string; done(rotation: Rotation): void }) {
  const { api } = useSigned();
  const [asks, setAsks] = useState(false);
  return (
    <>
      <button type="button" class="danger" onClick={() => setAsks(true)}>
        {t('rotation.cancel')}
      </button>
      {asks && (
        <Dialog
          title={t('rotation.cancel')}
          does={t('rotation.cancel')}
          isDangerous
          about={{ right: 'cancel', of }}
          act={async () => done(await api.cancelRotation(of, id))}
          close={() => setAsks(false)}
        >
          <p>{t('rotation.cancel.says')}</p>
        </Dialog>
      )}
    </>
  );
}

interface WaiveProps {
  readonly of: WholeRef;
  readonly id: string;
  readonly host: string;
  done(rotation: Rotation): void;
  close(): void;
}

function Waive({ of, id, host, done, close }: WaiveProps) {
  const { api } = useSigned();
  const [reason, setReason] = useState('');
  return (
    <Dialog
      title={t('waive.title')}
      does={t('waive')}
      isDangerous
      about={{ right: 'waive', of }}
      act={async () => done(await api.waive(of, id, host, reason))}
      close={close}
    >
      <p class="of">{host}</p>
      <p>{t('waive.says')}</p>
      <Field label={t('waive.reason')} value={reason} onValue={setReason} required />
    </Dialog>
  );
}
