using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>Drivers and features of links (linux/ethtool.h, linux/sockios.h).</summary>
public static partial class LibC
{
    public const uint SIOCETHTOOL = 0x8946, ETHTOOL_GDRVINFO = 0x3, ETHTOOL_GSTRINGS = 0x1b, ETHTOOL_GSSET_INFO = 0x37, ETHTOOL_GFEATURES = 0x3a, ETH_SS_FEATURES = 4;
    public const int IFNAMSIZ = 16, ETH_GSTRING_LEN = 32;

    /// <param name="ifr">A struct ifreq: the link's name, and a pointer to a command.</param>
    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int ioctl(SafeFileHandle fd, nuint op, byte* ifr);
}
