// Asking the API from a part of the page: what it said last, what went wrong, and whether it is being asked.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { problemOf } from './failure.ts';
import type { Trouble } from './types.ts';

export interface Asked<T> {
  readonly data?: T;
  readonly problem?: Trouble;
  readonly isLoading: boolean;
  again(): void;
  put(data: T): void;
}

/** @param what asked anew whenever this changes */
export function useAsk<T>(ask: () => Promise<T>, what: string): Asked<T> {
  const [state, setState] = useState<{ data?: T; problem?: Trouble; what: string; isLoading: boolean }>({
    what,
    isLoading: true,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(0);
  useEffect(() => {
    const mine = ++latest.current;
    // What was there stays, with the problem beside it: a page that is looked at does not vanish because one answer was late.
    const settle = (said: { data?: T; problem?: Trouble }) => {
      if (latest.current !== mine) return;
      setState(({ data }) => ({ ...(data !== undefined && { data }), ...said, what, isLoading: false }));
    };
    setState((before) => ({ ...(before.what === what && before), what, isLoading: true }));
    ask().then(
      (data) => settle({ data }),
      (error: unknown) => settle({ problem: problemOf(error) }),
    );
    return () => {
      latest.current += 1;
    };
  }, [what, round]);
  const again = useCallback(() => setRound((one) => one + 1), []);
  const put = useCallback((data: T) => setState({ data, what, isLoading: false }), [what]);
  return { ...state, again, put };
}

/** Something that is done once, by a button. @returns runs it; whether it runs; what went wrong the last time */
export function useDoing(): {
  run(doing: () => Promise<unknown>): Promise<void>;
  readonly isBusy: boolean;
  readonly problem?: Trouble;
} {
  const [state, setState] = useState<{ isBusy: boolean; problem?: Trouble }>({ isBusy: false });
  return {
    ...state,
    async run(doing) {
      setState({ isBusy: true });
      try {
        await doing();
        setState({ isBusy: false });
      } catch (error) {
        setState({ isBusy: false, problem: problemOf(error) });
      }
    },
  };
}

/** Calls again and again while it is on, one call at a time, and not while nobody looks. */
export function useEvery(ms: number, isOn: boolean, call: () => void): void {
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && latest.current(), ms);
    return () => clearInterval(timer);
  }, [ms, isOn]);
}
