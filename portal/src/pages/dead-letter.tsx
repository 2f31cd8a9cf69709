// One message, with what it says; it is put back once what stopped it is mended.
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAsk } from '../ask.ts';
import { useSigned } from '../context.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ProblemView } from '../parts/problem.tsx';
import { Badge, Block, Fact, Heading, Loading, When } from '../parts/small.tsx';
import { titleOf } from '../places.ts';
import { t } from '../text/index.ts';

export function DeadLetterPage({ params: { queue, id } }: { params: { queue: string; id: string } }) {
  const { api, say } = useSigned();
  const [asks, setAsks] = useState(false);
  const { data, problem, again } = useAsk(() => api.message(queue, id), `${queue} ${id}`);
  const putBack = async () => {
    await api.putBack(queue, id);
    say(t('message.put-back.done'));
    again();
  };
  return (
    <>
      <Heading title={`${t('message')} ${id}`}>
        {data && <Badge group="message" state={data.state} />}
        {data?.state === 'buried' && (
          <button type="button" class="main" onClick={() => setAsks(true)}>
            {t('message.put-back')}
          </button>
        )}
      </Heading>
      <p>
        <Link href="/dead-letters">{t('nav.dead-letters')}</Link>
      </p>
      {problem && <ProblemView problem={problem} again={again} />}
      {!data && !problem && <Loading />}
      {data && (
        <>
          {data.refusal && (
            <div class="note failed">
              <p>
                <code>{data.refusal.code}</code> {data.refusal.detail}
              </p>
            </div>
          )}
          <dl class="facts">
            <Fact name={t('message.queue')}>{data.queue}</Fact>
            <Fact name={t('message.filed')}>
              <When at={data.filedAt} />
            </Fact>
            {data.keyPair && <Fact name={t('message.about')}>{titleOf(data.keyPair)}</Fact>}
            <Fact name={t('message.sender')}>{data.sender}</Fact>
            <Fact name={t('message.tries')}>{data.tries}</Fact>
          </dl>
          <Block label={t('message.body')} text={data.body} />
        </>
      )}
      {asks && (
        <Dialog title={t('message.put-back')} does={t('message.put-back')} act={putBack} close={() => setAsks(false)}>
          <p>{t('message.put-back.says')}</p>
        </Dialog>
      )}
    </>
  );
}
