// How far a rotation has come.
import { t, word } from '../text/index.ts';

const steps = ['requested', 'staged', 'rolled-out', 'proven', 'promoted', 'old-key-removed', 'purged'];

export function Steps({ state }: { state: string }) {
  const reached = steps.indexOf(state);
  if (reached < 0) return null;
  return (
    <ol class="steps" aria-label={t('rotation.steps')}>
      {steps.map((step, i) => (
        <li key={step} class={i <= reached ? 'reached' : ''} aria-current={i === reached ? 'step' : undefined}>
          {word('rotation', step)}
        </li>
      ))}
    </ol>
  );
}
