// Before anybody is signed in, where that did not go by itself.
import type { SignInFailure } from '../session.ts';
import { type Key, t } from '../text/index.ts';

type Why =
  | { readonly kind: 'out' }
  | { readonly kind: 'settings'; readonly what: string }
  | { readonly kind: 'failed'; readonly failure: SignInFailure };

/** What is our own to say; the issuer's words are shown as they are. */
const own: Readonly<Record<string, Key>> = {
  state: 'closed.state',
  OAUTH_INVALID_RESPONSE: 'closed.state',
  unreachable: 'closed.unreachable',
  access_denied: 'closed.denied',
};

export function ClosedPage({ why, signIn }: { why: Why; signIn?: () => void }) {
  return (
    <main class="closed">
      <p class="brand">
        <img src="./icon.svg" alt="" width="32" height="32" /> keyvend
      </p>
      <h1>{t(why.kind === 'out' ? 'closed.out' : why.kind === 'settings' ? 'closed.settings' : 'closed.failed')}</h1>
      {why.kind === 'settings' && (
        <p>
          {t('closed.settings-what')} <code>{why.what}</code>
        </p>
      )}
      {why.kind === 'failed' && (
        <div class="note failed" role="alert">
          {own[why.failure.error] && <p>{t(own[why.failure.error]!)}</p>}
          <p>
            <code>{why.failure.error}</code> {why.failure.description}
          </p>
        </div>
      )}
      {signIn && (
        <button type="button" class="main" onClick={signIn}>
          {t(why.kind === 'out' ? 'sign-in' : 'sign-in.again')}
        </button>
      )}
    </main>
  );
}
