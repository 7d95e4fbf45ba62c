using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>
/// The tables of iptables-legacy in one network namespace, of whose changes the kernel tells nobody: cheap to ask whether they are as they
/// were (getsockopt IPT_SO_GET_INFO, and for small ones IPT_SO_GET_ENTRIES; linux/netfilter_ipv4/ip_tables.h).
/// </summary>
public sealed class LegacyTables : IDisposable
{
    /// <summary>Bytes up to which a table is read as a whole, some 2 µs a KB; of a larger one its counts have to tell.</summary>
    private const int SmallTable = 256 * 1024;

    private const int NameSize = 32, InfoSize = 84, EntriesHeader = 40;

    private readonly SafeFileHandle socket;
    private readonly NetworkNamespace inside;

    public LegacyTables(NetworkNamespace inside)
    {
        this.inside = inside;
        socket = inside.Run(() => new SafeFileHandle(LibC.Check(LibC.socket(LibC.AF_INET, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0), "open a socket"), ownsHandle: true));
    }

    /// <summary>Those that exist by now; asking about another one would make it.</summary>
    public IReadOnlyList<string> Names() => inside.Run(() =>
    {
        try { return File.ReadAllLines("/proc/thread-self/net/ip_tables_names"); }
        catch (FileNotFoundException) { return []; } // the kernel has no such tables, or their module is not loaded
    });

    /// <summary>A number that changes when the table does; counters of packets do not count. Null: there is no such table.</summary>
    public ulong? Fingerprint(string table)
    {
        Span<byte> info = stackalloc byte[InfoSize];
        Encoding.ASCII.GetBytes(table, info[..(NameSize - 1)]);
        if (Get(LibC.IPT_SO_GET_INFO, info) != 0) return null;
        var (count, size) = (BinaryPrimitives.ReadUInt32LittleEndian(info[76..]), BinaryPrimitives.ReadUInt32LittleEndian(info[80..]));
        var sum = ((ulong)count << 32) | size;
        if (size > SmallTable) return sum;
        var entries = new byte[EntriesHeader + size];
        info[..NameSize].CopyTo(entries);
        BinaryPrimitives.WriteUInt32LittleEndian(entries.AsSpan(NameSize), size);
        return Get(LibC.IPT_SO_GET_ENTRIES, entries) == 0 ? sum ^ Hash(entries.AsSpan(EntriesHeader)) : sum; // EAGAIN: it changed in between
    }

    /// <summary>struct ipt_entry: 84 bytes ipt_ip, nfcache, u16 target_offset, u16 next_offset, comefrom, two u64 counters, matches, target.</summary>
    private static ulong Hash(Span<byte> entries)
    {
        for (var at = 0; at + 112 <= entries.Length;)
        {
            entries.Slice(at + 92, 20).Clear(); // comefrom and the counters
            var next = BinaryPrimitives.ReadUInt16LittleEndian(entries[(at + 90)..]);
            if (next == 0) break;
            at += next;
        }
        var hash = 14695981039346656037UL; // FNV-1a, eight bytes at a time
        foreach (var word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(entries)) hash = (hash ^ word) * 1099511628211UL;
        return hash;
    }

    private int Get(int option, Span<byte> value)
    {
        var size = (uint)value.Length;
        return LibC.getsockopt((int)socket.DangerousGetHandle(), LibC.IPPROTO_IP, option, ref value[0], ref size);
    }

    public void Dispose() => socket.Dispose();
}
