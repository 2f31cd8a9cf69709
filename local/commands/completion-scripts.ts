// What each shell runs to complete a line of keyvend. A line is handed over whole: bash takes `web:prod` for three words.
import type { shells } from './command.ts';

const bash = `_keyvend() {
  local word says
  COMPREPLY=()
  while IFS=$'\\t' read -r word says; do
    if [ "$word" != :files ]; then COMPREPLY+=("$word"); continue; fi
    compopt -o filenames 2>/dev/null
    while read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$2")
  done < <("$1" complete -- "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -F _keyvend keyvend
`;

const zsh = `#compdef keyvend
_keyvend() {
  local word says files
  local -a found
  while IFS=$'\\t' read -r word says; do
    if [[ $word == :files ]]; then files=1; else found+=("\${word}:\${says}"); fi
  done < <("$words[1]" complete -- "\${(j: :)words[1,CURRENT]}" 2>/dev/null)
  [[ -n $files ]] && _files
  (( $#found )) && _describe keyvend found
}
if [[ $funcstack[1] == _keyvend ]]; then _keyvend; else compdef _keyvend keyvend; fi
`;

const fish = `function __keyvend_complete
    set -l lines (keyvend complete -- (commandline -cp | string collect) 2>/dev/null)
    if contains -- (printf ':files\\t') $lines
        __fish_complete_path (commandline -ct)
    end
    string match -v ':files*' -- $lines
end
complete -c keyvend -f -a '(__keyvend_complete)'
`;

export const scripts = { bash, zsh, fish } as const satisfies Record<(typeof shells)[number], string>;
