using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>What a link's driver does by itself.</summary>
/// <param name="Driver">virtio_net, e1000, veth, …</param>
/// <param name="Active">The features that are on, by the names of <c>ethtool -k</c> (its long list, <c>tx-checksum-ip-generic</c>).</param>
public sealed record LinkFeatures(string Driver, IReadOnlySet<string> Active);

/// <summary>What ethtool(8) reads, by the same ioctl, in the network namespace of the calling thread.</summary>
public static unsafe class Ethtool
{
    private const int RequestSize = 40, Pointer = LibC.IFNAMSIZ, DriverName = 4, DriverInfo = 196; // of struct ifreq and struct ethtool_drvinfo
    private const int Block = 16, ActiveWord = 8; // of struct ethtool_get_features_block: available, requested, active, never_changed
    private const int MostFeatures = 4096;

    /// <exception cref="SystemCallException">There is no such link, or its driver tells nothing.</exception>
    public static LinkFeatures Read(string link)
    {
        using var socket = new SafeFileHandle(LibC.Check(LibC.socket(LibC.AF_INET, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0), "open a socket"), ownsHandle: true);
        var driver = Ask(socket, link, LibC.ETHTOOL_GDRVINFO, new byte[DriverInfo]);
        var names = Names(socket, link);
        var answer = new byte[8 + Blocks(names.Count) * Block];
        BitConverter.TryWriteBytes(answer.AsSpan(4), (uint)Blocks(names.Count));
        Ask(socket, link, LibC.ETHTOOL_GFEATURES, answer);
        return new(Text(driver.AsSpan(DriverName, LibC.ETH_GSTRING_LEN)),
            names.Where((_, bit) => (BitConverter.ToUInt32(answer, 8 + bit / 32 * Block + ActiveWord) >> (bit % 32) & 1) != 0).ToHashSet());
    }

    /// <summary>The kernel's features, the one of bit 0 first; each kernel has its own.</summary>
    private static List<string> Names(SafeFileHandle socket, string link)
    {
        var info = new byte[8 + 8 + 4]; // cmd, reserved, mask of the sets asked for, how many strings each has
        BitConverter.TryWriteBytes(info.AsSpan(8), 1UL << (int)LibC.ETH_SS_FEATURES);
        var count = Math.Min(BitConverter.ToInt32(Ask(socket, link, LibC.ETHTOOL_GSSET_INFO, info), 16), MostFeatures);
        var strings = new byte[12 + count * LibC.ETH_GSTRING_LEN];
        BitConverter.TryWriteBytes(strings.AsSpan(4), LibC.ETH_SS_FEATURES);
        BitConverter.TryWriteBytes(strings.AsSpan(8), (uint)count);
        Ask(socket, link, LibC.ETHTOOL_GSTRINGS, strings);
        return [.. Enumerable.Range(0, count).Select(number => Text(strings.AsSpan(12 + number * LibC.ETH_GSTRING_LEN, LibC.ETH_GSTRING_LEN)))];
    }

    private static int Blocks(int features) => (features + 31) / 32;

    private static byte[] Ask(SafeFileHandle socket, string link, uint command, byte[] data)
    {
        var request = new byte[RequestSize];
        Encoding.ASCII.GetBytes(link, request.AsSpan(0, LibC.IFNAMSIZ - 1));
        BitConverter.TryWriteBytes(data, command);
        fixed (byte* content = data)
        fixed (byte* ifr = request)
        {
            MemoryMarshal.Write(request.AsSpan(Pointer), (nint)content);
            LibC.Check(LibC.ioctl(socket, LibC.SIOCETHTOOL, ifr), $"ask for the driver's features of {link}");
        }
        return data;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes[..(bytes.IndexOf((byte)0) is var end && end >= 0 ? end : bytes.Length)]);
}
