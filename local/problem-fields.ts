/** Which fields and parameters a problem document says are wrong, and how: a line for each. */
export const fieldsIn = (
  problem:
    | {
        readonly errors?:
          | readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[]
          | undefined;
      }
    | undefined,
): readonly string[] =>
  (problem?.errors ?? []).map(
    ({ pointer, parameter, detail }) => `${pointer?.replace('#/', '') ?? parameter} ${detail}`,
  );
