// When the cloud is asked again about what it does not let go.

/** After so many refusals: a binding is shown for a while after its instance was released; later, only people change it. */
const heldPausesMs = [1, 5, 30, 2 * 60, 8 * 60, 24 * 60].map((minutes) => minutes * 60_000);
export const heldPauseMs = (tries: number): number => heldPausesMs[Math.min(tries, heldPausesMs.length) - 1]!;
