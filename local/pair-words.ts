/** A pair in a line of text: its id and what the cloud calls it; its name alone, where the cloud tells no id. */
export const pairWords = ({
  keyPairId,
  keyPairName,
}: {
  readonly keyPairId?: string | undefined;
  readonly keyPairName: string;
}) => (keyPairId ? `${keyPairId} (${keyPairName})` : keyPairName);
