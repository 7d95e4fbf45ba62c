#compdef @PROGRAM@
# What fits the word under the cursor is asked of the program itself, and so is always what this version knows.
local -a fitting
fitting=("${(@f)$(@PROGRAM@ "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
compadd -- $fitting || _files
