// What went wrong, and what to do. What is not allowed looks different from what is not there, and says which right is missing.
import { Link } from 'wouter-preact';
import { useSigned } from '../context.ts';
import { whyPlace } from '../places.ts';
import { t } from '../text/index.ts';
import type { KeyPairRef, Trouble } from '../types.ts';

export interface About {
  readonly right: string;
  readonly of: KeyPairRef;
}

const nameOf = (where: { pointer: string } | { parameter: string } | object): string =>
  'pointer' in where ? where.pointer : 'parameter' in where ? where.parameter : '';

/** @param about what was wanted: then a refusal leads to why */
export function ProblemView({ problem, about, again }: { problem: Trouble; about?: About; again?: () => void }) {
  const { contract } = useSigned();
  const { code, detail, errors = [] } = problem;
  const isDenied = code === 'FORBIDDEN';
  const heading = isDenied
    ? t('problem.denied')
    : code === 'UNREACHABLE'
      ? t('problem.unreachable')
      : (problem.title ?? t('problem.failed'));
  return (
    <div class={`note ${isDenied ? 'denied' : 'failed'}`} role="alert">
      <p>
        <strong>{heading}</strong> <code>{code}</code>
      </p>
      <p>{detail}</p>
      {errors.length > 0 && (
        <ul>
          {errors.map(({ detail, ...where }) => (
            <li key={nameOf(where)}>
              <code>{nameOf(where)}</code> {detail}
            </li>
          ))}
        </ul>
      )}
      {isDenied && about && contract.has('GET /v1/access') && (
        <p>
          <Link href={whyPlace(about.right, about.of)}>{t('why.link')}</Link>
        </p>
      )}
      {again && (
        <button type="button" onClick={again}>
          {t('again')}
        </button>
      )}
    </div>
  );
}
