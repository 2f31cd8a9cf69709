// One line on standard error that says how a long work is going, and is gone when it ends. On a terminal alone.
import { cutTo } from './plain.ts';

export interface Progress {
  show(text: string): void;
  clear(): void;
}

export function progress(out: NodeJS.WriteStream = process.stderr): Progress {
  if (!out.isTTY) return { show() {}, clear() {} };
  let isShown = false;
  return {
    show(text) {
      out.write(`\r\u001b[2K${cutTo(text, (out.columns ?? 80) - 1)}`);
      isShown = true;
    },
    clear() {
      if (isShown) out.write('\r\u001b[2K');
      isShown = false;
    },
  };
}
