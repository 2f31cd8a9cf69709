// A function: as many instances as there are calls at a time, each with a time limit, and what the platform makes of an answer.
import {
  eventCall,
  type FcCall,
  type Identity,
  initializeCall,
  platformsHeaders,
  preStopCall,
  type RoleKey,
} from './fc-call.ts';
import { type Answered, type Failure, type Instance, startInstance } from './fc-instance.ts';

export interface FunctionSpec {
  readonly name: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** How many calls an instance may have at a time. Default 1. */
  readonly instanceConcurrency?: number;
  /** Which hooks are configured. Default both. */
  readonly hooks?: readonly ('initializer' | 'preStop')[];
  readonly maxAsyncRetryAttempts?: number;
}

export interface Surroundings extends Identity {
  /** The key that a function's role has at the moment. */
  role(name: string): RoleKey | undefined;
  readonly controlPath: boolean;
  freePort(): Promise<number>;
  print(name: string, bytes: Buffer): void;
  /** Resolves when that time is over; given up when the signal is aborted. */
  limit(ms: number, given: AbortSignal): Promise<unknown>;
}

/** How a call ended for whoever asked: a function that fails says so by a header, and its status alone says nothing. */
export type Invoked =
  | { readonly answer: Answered; readonly failed: boolean }
  | { readonly failure: Failure; readonly failed: true };

export class FcFunction {
  readonly spec: FunctionSpec;
  readonly #around: Surroundings;
  #instances: Instance[] = [];

  constructor(spec: FunctionSpec, around: Surroundings) {
    this.spec = spec;
    this.#around = around;
  }

  get instances(): readonly Instance[] {
    return this.#instances.filter(({ isOver }) => !isOver);
  }

  invoke = (event: Buffer | string): Promise<Invoked> => this.call(eventCall(Buffer.from(event)));

  async call(call: FcCall): Promise<Invoked> {
    const { instanceConcurrency = 1 } = this.spec;
    const instance = this.instances.find(({ inHand }) => inHand < instanceConcurrency) ?? (await this.#started());
    if (typeof instance === 'string') return { failure: instance, failed: true };
    const said = await this.#on(instance, call);
    if (typeof said === 'string') return { failure: said, failed: true };
    return { answer: said, failed: said.headers['x-fc-status'] !== undefined && said.headers['x-fc-status'] !== '200' };
  }

  async #on(instance: Instance, call: FcCall): Promise<Answered | Failure> {
    const { name, timeoutSeconds } = this.spec;
    const { account, region, controlPath } = this.#around;
    const role = this.#around.role(name);
    const over = new AbortController();
    const limit = this.#around.limit(timeoutSeconds * 1_000, over.signal);
    const headers = platformsHeaders(call, { name, account, region, controlPath, role });
    return instance.call(call, headers, limit).finally(() => over.abort('answered'));
  }

  async #started(): Promise<Instance | Failure> {
    const { name, folder, environment, hooks = ['initializer', 'preStop'] } = this.spec;
    const { account, region } = this.#around;
    const platforms = { FC_FUNCTION_NAME: name, FC_ACCOUNT_ID: account, FC_REGION: region, FC_FUNC_CODE_PATH: folder };
    const port = await this.#around.freePort();
    const print = (bytes: Buffer) => this.#around.print(name, bytes);
    const instance = await startInstance({ folder, port, environment: { ...environment, ...platforms }, print });
    this.#instances.push(instance);
    if (!hooks.includes('initializer')) return instance;
    const said = await this.#on(instance, initializeCall);
    if (typeof said !== 'string' && said.headers['x-fc-status'] === undefined && said.status === 200) return instance;
    await instance.kill(); // one that cannot be initialised takes no call
    return typeof said === 'string' ? said : 'Process exited unexpectedly';
  }

  /** As after some minutes without a call. */
  async stop(): Promise<void> {
    const { hooks = ['initializer', 'preStop'] } = this.spec;
    const all = this.instances;
    if (hooks.includes('preStop')) await Promise.all(all.map((instance) => this.#on(instance, preStopCall)));
    await this.kill();
  }

  async kill(): Promise<void> {
    await Promise.all(this.#instances.splice(0).map((instance) => instance.kill()));
  }
}
