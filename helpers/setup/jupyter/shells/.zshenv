# The course's terminal, in zsh: your own settings first, wherever they are.
COURSE_HERE="$ZDOTDIR"
ZDOTDIR="${COURSE_ZDOTDIR:-$HOME}"
if [[ -r "$ZDOTDIR/.zshenv" ]]; then . "$ZDOTDIR/.zshenv"; fi
COURSE_OWN="$ZDOTDIR"
ZDOTDIR="$COURSE_HERE"
