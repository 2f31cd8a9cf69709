// The policy of a key pair, and the hosts that its key opens. What this form does not show (targets, jump hosts) stays as it is.
import { useAsk, useDoing } from '../ask.ts';
import { useSigned } from '../context.ts';
import { useDraft } from '../drafts.ts';
import { titleOf } from '../places.ts';
import { policyToPut } from '../policy-to-put.ts';
import { count, type Key, t } from '../text/index.ts';
import type { Host, Policy, WholeRef } from '../types.ts';
import { Check, Field } from './field.tsx';
import { Hosts } from './hosts.tsx';
import { ProblemView } from './problem.tsx';
import { Loading } from './small.tsx';

const numbers = [
  { name: 'maxAgeDays', min: 0, max: 3650, step: 'any' },
  { name: 'overlapDays', min: 0, max: 365, step: 'any' },
  { name: 'coverage', min: 0, max: 1, step: 'any' },
  { name: 'maxParallelHosts', min: 1, max: 50, step: '1' },
] as const;
const switches = ['recordHostKeys', 'rebind', 'updateTemplates', 'keepName'] as const;

export function PolicyEditor({ of, done }: { of: WholeRef; done(): void }) {
  const { api } = useSigned();
  const { data, problem, put } = useAsk(() => api.policy(of), JSON.stringify(of));
  const saved = (next: Policy) => {
    put(next);
    done();
  };
  return (
    <section aria-labelledby="policy">
      <h2 id="policy">{t('policy')}</h2>
      {problem && <ProblemView problem={problem} about={{ right: 'read', of }} />}
      {data ? <PolicyForm key={JSON.stringify(data)} of={of} policy={data} saved={saved} /> : !problem && <Loading />}
    </section>
  );
}

function PolicyForm({ of, policy, saved }: { of: WholeRef; policy: Policy; saved(policy: Policy): void }) {
  const { api, say } = useSigned();
  const { run, isBusy, problem } = useDoing();
  const [draft, setDraft, drop] = useDraft<Readonly<Record<string, unknown>>>(`policy of ${titleOf(of)}`, {});
  const now: Policy = { ...policy, ...draft };
  const change = (fields: object) => setDraft({ ...draft, ...fields });
  const submit = (event: Event) => {
    event.preventDefault();
    const typed = Object.fromEntries(numbers.map(({ name }) => [name, Number(now[name])]));
    void run(async () => {
      const next = await api.setPolicy(of, policyToPut(now, typed));
      drop();
      say(t('policy.saved'));
      saved(next);
    });
  };
  const { targets, clamped } = policy;
  return (
    <form class="panel" onSubmit={submit}>
      <div class="grid">
        {numbers.map(({ name, ...bounds }) => (
          <Field
            key={name}
            label={t(`policy.${name}`)}
            hint={t(`policy.${name}.hint` as Key)}
            type="number"
            required
            {...bounds}
            value={String(now[name])}
            onValue={(value) => change({ [name]: value })}
          />
        ))}
      </div>
      {switches.map((name) => (
        <Check
          key={name}
          label={t(`policy.${name}`)}
          checked={now[name] === true}
          onChecked={(on) => change({ [name]: on })}
        />
      ))}
      {Array.isArray(clamped) && <p class="note denied">{t('policy.clamped', { fields: clamped.join(', ') })}</p>}
      {Array.isArray(targets) && <p class="hint">{count('policy.targets', targets.length)}</p>}
      <Hosts hosts={now.hosts} onHosts={(hosts: readonly Host[]) => change({ hosts })} />
      {problem && <ProblemView problem={problem} about={{ right: 'policy', of }} />}
      <p class="actions">
        <button type="submit" class="main" disabled={isBusy || Object.keys(draft).length === 0}>
          {t('policy.save')}
        </button>
        {Object.keys(draft).length > 0 && (
          <button type="button" onClick={drop}>
            {t('policy.undo')}
          </button>
        )}
      </p>
    </form>
  );
}
