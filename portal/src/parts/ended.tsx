// The session is over, or will be soon. Signing in anew leads back to here, with what was typed.
import { useEffect, useState } from 'preact/hooks';
import { t } from '../text/index.ts';

/** So long before the end is time to finish something. */
const SOON_MS = 2 * 60_000;
/** What a timer of the browser can wait for at most. */
const LONGEST_MS = 2 ** 31 - 1;

export function Ended({ isOver, endsAtMs, signIn }: { isOver: boolean; endsAtMs?: number; signIn(): void }) {
  const [isSoon, setSoon] = useState(false);
  useEffect(() => {
    if (endsAtMs === undefined) return;
    const timer = setTimeout(() => setSoon(true), Math.min(LONGEST_MS, Math.max(0, endsAtMs - SOON_MS - Date.now())));
    return () => clearTimeout(timer);
  }, [endsAtMs]);
  if (!isOver && !isSoon) return null;
  return (
    <div class="note ended" role="alert">
      <span>{t(isOver ? 'ended.over' : 'ended.soon')}</span>{' '}
      <button type="button" class="main" onClick={signIn}>
        {t('sign-in.again')}
      </button>
    </div>
  );
}
