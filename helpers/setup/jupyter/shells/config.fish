# The course's terminal, in fish: after your own settings, a short prompt and the folder for your work.
function fish_prompt
    echo (basename (pwd)) '$ '
end
function fish_right_prompt
end
if test -n "$COURSE_WORK"
    cd -- "$COURSE_WORK" 2>/dev/null
end
if test -n "$COURSE_BIN"
    set -gx PATH $COURSE_BIN $PATH
end
