# What fits the word under the cursor is asked of the program itself, and so is always what this version knows.
_@PROGRAM@() {
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$(@PROGRAM@ "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _@PROGRAM@ @PROGRAM@
