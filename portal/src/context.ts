// What every part of the page may use once somebody is signed in.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Contract } from './contract.ts';
import type { Api } from './keyvend.ts';
import type { Settings } from './settings.ts';
import type { Me } from './types.ts';

export interface Signed {
  readonly api: Api;
  readonly contract: Contract;
  readonly settings: Settings;
  /** Absent where the server does not say. */
  readonly me?: Me;
  /** Says something to whoever listens or looks, without moving the focus. */
  say(text: string): void;
}

export const SignedContext = createContext<Signed | undefined>(undefined);
export const useSigned = (): Signed => useContext(SignedContext)!;
