// What a host lets on during a login beside yes and no. ssh2 has no events for it, so it is read off the lines that it writes for
// whoever debugs it. Flags alone are kept of them: they quote what was sent.

/** Debug messages of OpenSSH to the client once it has found the key: since 7.8 what the key's line permits, before that this. */
const optionsOfKey = /: key options:((?: [a-z0-9-]+)*)$/;
const commandOfKey = 'Forced command.';

export class Evidence {
  /** Whether the key's own line forces a command; undefined where the host does not say. */
  keyForces: boolean | undefined;
  /** Whether a refusal can only be that of a key's type: RSA, and nothing else would have been left unsent. */
  takesNoRsa = false;
  /** Whether the host found the key and still did not let it in. */
  knowsKey = false;
  /** Whether the host said that it let the key in. */
  wasIn = false;
  /** What the key signed with that the host refused last, where ssh2 had a choice: it has one for RSA. */
  refusedWith = '';
  readonly #isRsa: boolean;
  #software = '';

  constructor(isRsa: boolean) {
    this.#isRsa = isRsa;
  }

  /** Takes one line of ssh2's. */
  readonly note = (line: string): void => {
    this.#software ||= /^Remote ident: 'SSH-[\d.]+-([^ ']+)/.exec(line)?.[1] ?? '';
    this.refusedWith = /^Client: publickey \(([\w-]+)\) auth failed$/.exec(line)?.[1] ?? this.refusedWith;
    if (line === 'Inbound: Received USERAUTH_PK_OK') this.#found();
    const [, said] = /^Debug output from server: (".*")$/s.exec(line) ?? [];
    if (said !== undefined) this.#told(said);
  };

  /**
   * Called when ssh2 has no more to offer.
   * @param answered whether the host was asked at all. RFC 8308 section 3.1: where it lists its signature algorithms and none of
   * them is for RSA, ssh2 offers no RSA key
   * @param wantsMore whether the key was accepted as one of several proofs (RFC 4252 section 5.1)
   */
  exhausted(answered: boolean, wantsMore: boolean): void {
    // TinySSH has Ed25519 and nothing else, and says nothing about signatures.
    if (this.#isRsa && (!answered || this.#software.startsWith('tinyssh'))) this.takesNoRsa = true;
    if (wantsMore) this.knowsKey = true;
  }

  letIn(): void {
    this.wasIn = true;
  }

  /**
   * sshd is two processes. Where root may log in for forced commands alone (`PermitRootLogin`), one of them says that a key without
   * a command is in, and the other one ends the connection.
   */
  get mayTakeBack(): boolean {
    return this.#software.startsWith('OpenSSH');
  }

  /** RFC 4252 section 7. TinySSH says it of any key of its type. */
  #found(): void {
    this.knowsKey = /^(?:OpenSSH|dropbear)/i.test(this.#software);
  }

  #told(json: string): void {
    let text: unknown;
    try {
      text = JSON.parse(json);
    } catch {
      return;
    }
    if (typeof text !== 'string') return;
    const [, options] = optionsOfKey.exec(text) ?? [];
    if (options !== undefined) this.keyForces = options.split(' ').includes('command');
    else if (text === commandOfKey) this.keyForces = true;
  }
}
