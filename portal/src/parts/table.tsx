// A table may be wider than a narrow screen; then it is moved by itself, by keyboard as well.
import type { ComponentChildren } from 'preact';

export const Table = ({ caption, children }: { caption: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled has to be reached by keyboard
  <div class="scroll" tabIndex={0}>
    <table>
      <caption>{caption}</caption>
      {children}
    </table>
  </div>
);
