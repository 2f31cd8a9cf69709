// What is killed again and again, and how it is asked, told to be at rest and looked at afterwards.

import type { Child } from './children.ts';
import type { Subject } from './clients.ts';
import type { Clouds } from './clouds.ts';
import type { Shown } from './verdict.ts';

export interface Stage {
  readonly home: string;
  /** One for each process that runs at a time. */
  readonly ports: readonly number[];
  readonly clouds: Clouds;
}

/** What stays while the subject is killed: a database, a store, an issuer. */
export interface Around {
  readonly environment: Readonly<Record<string, string>>;
  subject(child: () => Child | undefined, stage: Stage): Subject;
  stored(): Promise<ReadonlyMap<string, string>> | ReadonlyMap<string, string>;
  /** Where no key may be. */
  searched(): Promise<readonly string[]> | readonly string[];
  stop(): Promise<void>;
}

export interface Kind {
  readonly script: string;
  readonly words: readonly string[];
  /** How many processes run side by side; one of them is killed at a time. */
  readonly processes: number;
  /** The line by which a process says that it has begun. */
  readonly ready: RegExp;
  /** Answers with 200 once a process serves. */
  readonly serves?: (port: number) => string;
  environment(stage: Stage, port: number): Readonly<Record<string, string>>;
  around(stage: Stage): Promise<Around>;
  /** Waits until nothing is open. */
  recovered(subject: Subject): Promise<void>;
  /** What its API shows, where it has one. */
  readonly shown?: (subject: Subject) => Shown;
}
