// Starts the page: settings, language and theme, whoever comes back from the issuer, and then the page itself.
import { render } from 'preact';
import { App } from './app.tsx';
import { ClosedPage } from './pages/closed.tsx';
import { beginSignIn, failureOf, finishSignIn } from './session.ts';
import { readSettings } from './settings.ts';
import './style.css';
import { speak, usualLanguage } from './text/index.ts';
import { applyTheme } from './theme.ts';

const root = document.getElementById('app')!;

async function start(): Promise<void> {
  applyTheme();
  await speak(usualLanguage());
  const settings = await readSettings().catch((error: Error) => {
    render(<ClosedPage why={{ kind: 'settings', what: error.message }} />, root);
  });
  if (!settings) return;
  const signIn = (anew = false): Promise<void> =>
    beginSignIn(settings, { anew }).catch((error: unknown) => {
      render(<ClosedPage why={{ kind: 'failed', failure: failureOf(error) }} signIn={() => void signIn()} />, root);
    });
  const session = await finishSignIn(settings);
  if (session === undefined) return signIn();
  if ('error' in session)
    return render(<ClosedPage why={{ kind: 'failed', failure: session }} signIn={() => void signIn(true)} />, root);
  const signOut = () => render(<ClosedPage why={{ kind: 'out' }} signIn={() => void signIn(true)} />, root);
  render(<App settings={settings} session={session} signIn={() => void signIn()} signOut={signOut} />, root);
}

void start();
