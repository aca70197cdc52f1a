# The course's terminal, in zsh: your own settings first, then a short prompt and the folder for your work.
ZDOTDIR="$COURSE_OWN"
if [[ -r "$ZDOTDIR/.zprofile" ]]; then . "$ZDOTDIR/.zprofile"; fi
if [[ -r "$ZDOTDIR/.zshrc" ]]; then . "$ZDOTDIR/.zshrc"; fi
if [[ "$ZDOTDIR" == "$HOME" ]]; then unset ZDOTDIR; fi
unset COURSE_HERE COURSE_OWN COURSE_ZDOTDIR
precmd_functions=()
unfunction precmd 2>/dev/null
PROMPT='%1~ $ '
RPROMPT=''
if [[ -n "$COURSE_WORK" ]]; then cd -- "$COURSE_WORK" 2>/dev/null || :; fi
if [ -n "$COURSE_BIN" ]; then PATH="$COURSE_BIN:$PATH"; fi
