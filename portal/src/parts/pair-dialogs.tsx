// What is asked before a key pair is rotated, taken out of use, or put into use again.
import { useState } from 'preact/hooks';
import { useSigned } from '../context.ts';
import { titleOf } from '../places.ts';
import { t } from '../text/index.ts';
import type { WholeRef } from '../types.ts';
import { Dialog } from './dialog.tsx';
import { Check } from './field.tsx';

interface Asks {
  readonly of: WholeRef;
  close(): void;
}

export function RotateDialog({ of, close, begun }: Asks & { begun(id: string): void }) {
  const { api, say } = useSigned();
  const act = async () => {
    const { id } = await api.rotate(of);
    say(t('rotate.begun'));
    begun(id);
  };
  return (
    <Dialog title={t('rotate.title')} does={t('rotate')} about={{ right: 'rotate', of }} act={act} close={close}>
      <p class="of">{titleOf(of)}</p>
      <p>{t('rotate.says')}</p>
    </Dialog>
  );
}

export function RetireDialog({ of, close, done }: Asks & { done(): void }) {
  const { api, say } = useSigned();
  const [force, setForce] = useState(false);
  const act = async () => {
    await api.retire(of, { force });
    say(t('retire.done'));
    done();
  };
  return (
    <Dialog
      title={t('retire.title')}
      does={t('retire')}
      isDangerous
      about={{ right: 'retire', of }}
      act={act}
      close={close}
    >
      <p class="of">{titleOf(of)}</p>
      <p>{t('retire.says')}</p>
      <Check label={t('retire.force')} checked={force} onChecked={setForce} />
    </Dialog>
  );
}

export function RestoreDialog({ of, close, done }: Asks & { done(): void }) {
  const { api, say } = useSigned();
  const act = async () => {
    await api.restore(of);
    say(t('restore.done'));
    done();
  };
  return (
    <Dialog title={t('restore.title')} does={t('restore')} about={{ right: 'restore', of }} act={act} close={close}>
      <p class="of">{titleOf(of)}</p>
      <p>{t('restore.says')}</p>
    </Dialog>
  );
}
