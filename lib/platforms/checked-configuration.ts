// This process's configuration, checked when it is loaded.
import { configurationFrom } from './configuration.ts';

export const configuration = configurationFrom(process.env);
