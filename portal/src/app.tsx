// The page around every other: who is signed in, where one can go, and what is announced.
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { Route, Router, Switch } from 'wouter-preact';
import { SignedContext } from './context.ts';
import { type Contract, readContract } from './contract.ts';
import { dropDrafts } from './drafts.ts';
import { useHashPath } from './hash-route.ts';
import { apiFor } from './keyvend.ts';
import { DeadLetterPage } from './pages/dead-letter.tsx';
import { DeadLettersPage } from './pages/dead-letters.tsx';
import { KeyPairPage } from './pages/key-pair.tsx';
import { KeyPairsPage } from './pages/key-pairs.tsx';
import { MissingPage } from './pages/missing.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { RotationPage } from './pages/rotation.tsx';
import { VendPage } from './pages/vend.tsx';
import { WhyPage } from './pages/why.tsx';
import { Ended } from './parts/ended.tsx';
import { Frame } from './parts/frame.tsx';
import { Loading } from './parts/small.tsx';
import { wholeRef } from './places.ts';
import type { Session } from './session.ts';
import type { Settings } from './settings.ts';
import { t } from './text/index.ts';
import type { Me } from './types.ts';

interface AppProps {
  readonly settings: Settings;
  readonly session: Session;
  signIn(): void;
  signOut(): void;
}

export function App({ settings, session, signIn, signOut }: AppProps) {
  const [isOver, setOver] = useState(false);
  const [said, setSaid] = useState('');
  const [, setLanguage] = useState('');
  const [contract, setContract] = useState<Contract | 'failed'>();
  const [me, setMe] = useState<Me>();
  const api = useMemo(() => apiFor(settings, session, () => setOver(true)), [settings, session]);
  const say = useCallback((text: string) => {
    setSaid('');
    setTimeout(() => setSaid(text)); // the same words twice are said twice
  }, []);
  const load = useCallback(async () => {
    const found = await readContract(settings.api).catch(() => 'failed' as const);
    if (found !== 'failed' && found.has('GET /v1/me')) setMe(await api.me().catch(() => undefined));
    setContract(found);
  }, [api, settings]);
  useEffect(() => void load(), [load]);

  if (contract === undefined) return <Loading />;
  if (contract === 'failed')
    return (
      <main class="closed">
        <h1>{t('problem.unreachable')}</h1>
        <p>{settings.api}</p>
        <button type="button" class="main" onClick={() => void load()}>
          {t('again')}
        </button>
      </main>
    );
  const leave = () => {
    dropDrafts();
    signOut();
  };
  return (
    <SignedContext.Provider value={{ api, contract, settings, say, ...(me && { me }) }}>
      <Router hook={useHashPath}>
        <Frame who={session.who || (me?.id ?? '')} signOut={leave} said={said} onLanguage={setLanguage}>
          <Switch>
            <Route path="/" component={OverviewPage} />
            <Route path="/key-pairs" component={KeyPairsPage} />
            <Route path="/vend" component={VendPage} />
            <Route path="/key-pairs/:provider/:region/:account/:name/rotations/:id">
              {({ id, ...of }) => <RotationPage key={id} of={wholeRef(of)} id={id} />}
            </Route>
            <Route path="/key-pairs/:provider/:region/:account/:name">
              {(params) => <KeyPairPage key={JSON.stringify(params)} of={wholeRef(params)} />}
            </Route>
            <Route path="/dead-letters" component={DeadLettersPage} />
            <Route path="/dead-letters/:queue/:id" component={DeadLetterPage} />
            <Route path="/why" component={WhyPage} />
            <Route component={MissingPage} />
          </Switch>
        </Frame>
        <Ended isOver={isOver} signIn={signIn} {...(session.endsAtMs && { endsAtMs: session.endsAtMs })} />
      </Router>
    </SignedContext.Provider>
  );
}
