// What each line of the log has to say of whatever it belongs to, where one process does several things at a time.
import { AsyncLocalStorage } from 'node:async_hooks';

type Fields = Readonly<Record<string, string>>;

const current = new AsyncLocalStorage<Fields>();

/** Every line that `work` logs, and whatever it begins, has these fields besides its own. */
export const logged = <T>(fields: Fields, work: () => T): T => current.run({ ...current.getStore(), ...fields }, work);

export const contextFields = (): Fields => current.getStore() ?? {};
