import { fail } from '../fail.ts';

/** @param forms those that there are @param given as it was typed */
export function formOf<Form extends string>(forms: readonly Form[], given: string | undefined): Form | undefined {
  const form = forms.find((one) => one === given);
  return form === undefined && given !== undefined ? fail(`the format is one of ${forms.join(', ')}`, 2) : form;
}
