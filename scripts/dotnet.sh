# Sourced by the other scripts: finds the .NET SDK. sudo often hides the user's PATH, so the usual places are tried too.

find_dotnet() {
  local home place
  home=$(getent passwd "${SUDO_USER:-root}" | cut -d: -f6)
  for place in "$(command -v dotnet || true)" "${DOTNET_ROOT:-/nonexistent}/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet \
      /usr/local/share/dotnet/dotnet "$home/.dotnet/dotnet"; do
    if [ -x "$place" ] && "$place" --list-sdks 2>/dev/null | grep -qE '^[1-9][0-9]+\.'; then echo "$place"; return; fi
  done
}

# Sets DOTNET, or says what to install and ends with 1.
require_dotnet() {
  DOTNET=$(find_dotnet)
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
  if [ -n "$DOTNET" ]; then
    DOTNET_ROOT=$(dirname "$(readlink -f "$DOTNET")"); export DOTNET_ROOT
    return
  fi
  {
    if command -v dotnet >/dev/null; then echo "The .NET SDK on this machine is older than 10: $(dotnet --version 2>/dev/null || true)."
    else echo "There is no .NET SDK on this machine."; fi
    echo "Install the .NET 10 SDK, for instance as learn.microsoft.com/dotnet/core/install/linux-debian describes"
    echo "(package dotnet-sdk-10.0), or with Microsoft's dotnet-install.sh --channel 10.0 --install-dir /usr/share/dotnet."
  } >&2
  exit 1
}
