// Messages that no worker could do anything with, or that still wait.
import { Link } from 'wouter-preact';
import { useAsk } from '../ask.ts';
import { useSigned } from '../context.ts';
import { useQuery } from '../hash-route.ts';
import { Field } from '../parts/field.tsx';
import { ProblemView } from '../parts/problem.tsx';
import { Badge, Empty, Heading, Loading, When } from '../parts/small.tsx';
import { Table } from '../parts/table.tsx';
import { t, word } from '../text/index.ts';

const states = ['buried', 'waiting', 'in-hand'] as const;

export function DeadLettersPage() {
  const { api } = useSigned();
  const [query, setQuery] = useQuery();
  const state = states.find((one) => one === query.get('state')) ?? 'buried';
  const { data, problem, again } = useAsk(() => api.messages({ state }), state);
  return (
    <>
      <Heading title={t('nav.dead-letters')} />
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Field
          label={t('state')}
          value={state}
          onValue={(next) => setQuery({ state: next })}
          options={states.map((one) => [one, word('message', one)])}
        />
      </form>
      {problem && <ProblemView problem={problem} again={again} />}
      {!data && !problem && <Loading />}
      {data?.messages.length === 0 && <Empty says="messages.none" />}
      {data && data.messages.length > 0 && (
        <Table caption={t('nav.dead-letters')}>
          <thead>
            <tr>
              <th scope="col">{t('message')}</th>
              <th scope="col">{t('message.queue')}</th>
              <th scope="col">{t('message.sender')}</th>
              <th scope="col">{t('state')}</th>
              <th scope="col">{t('message.filed')}</th>
              <th scope="col">{t('message.why')}</th>
            </tr>
          </thead>
          <tbody>
            {data.messages.map((message) => (
              <tr key={`${message.queue} ${message.id}`}>
                <th scope="row">
                  <Link href={`/dead-letters/${encodeURIComponent(message.queue)}/${encodeURIComponent(message.id)}`}>
                    {message.id}
                  </Link>
                </th>
                <td>{message.queue}</td>
                <td>{message.sender}</td>
                <td>
                  <Badge group="message" state={message.state} />
                </td>
                <td>
                  <When at={message.filedAt} />
                </td>
                <td>
                  {message.refusal && <code>{message.refusal.code}</code>} {message.refusal?.detail}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </>
  );
}
