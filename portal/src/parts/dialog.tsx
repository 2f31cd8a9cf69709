// A question that has to be answered before something is done. The browser keeps the focus inside, and Escape leaves it.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useDoing } from '../ask.ts';
import { t } from '../text/index.ts';
import { type About, ProblemView } from './problem.tsx';

interface DialogProps {
  readonly title: string;
  /** What the button says that does it. */
  readonly does: string;
  readonly isDangerous?: boolean;
  readonly about?: About;
  readonly children?: ComponentChildren;
  act(): Promise<unknown>;
  close(): void;
}

export function Dialog({ title, does, isDangerous = false, about, children, act, close }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { run, isBusy, problem } = useDoing();
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await act();
      close();
    });
  };
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={close}>
      <form onSubmit={submit}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        {problem && <ProblemView problem={problem} {...(about && { about })} />}
        <p class="actions">
          <button type="submit" class={isDangerous ? 'danger' : 'main'} disabled={isBusy}>
            {does}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {t('cancel')}
          </button>
        </p>
      </form>
    </dialog>
  );
}
