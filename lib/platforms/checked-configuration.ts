// This process's configuration, checked when it is loaded.
import { configurationFrom } from './configuration.ts';
import { refuseSwitches } from './switches.ts';

refuseSwitches(process.env, process.execArgv);

export const configuration = configurationFrom(process.env);
