using System.Collections.Concurrent;

namespace Linux;

/// <summary>
/// By which netlink ports this process and the programs that it starts change nf_tables, so that their changes can be told from others'. A
/// program's first netlink socket has its process id for port, unless that is taken.
/// </summary>
public static class NetlinkPorts
{
    /// <summary>How long after its end a program is remembered; its id may be another's some time.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);

    private static readonly ConcurrentDictionary<uint, int> Sockets = new();
    private static readonly ConcurrentDictionary<uint, long> Programs = new();

    public static bool IsOwn(uint port) => Sockets.ContainsKey(port) || (Programs.TryGetValue(port, out var ended) && Environment.TickCount64 - ended < Remembered.TotalMilliseconds);

    /// <summary>A program that this process had change nf_tables has ended.</summary>
    public static void Ended(int processId)
    {
        foreach (var (port, ended) in Programs)
            if (Environment.TickCount64 - ended >= Remembered.TotalMilliseconds) Programs.TryRemove(port, out _);
        if (processId > 0) Programs[(uint)processId] = Environment.TickCount64;
    }

    internal static void Opened(uint port) => Sockets.AddOrUpdate(port, 1, (_, count) => count + 1);

    /// <summary>The same number may be in use in several network namespaces.</summary>
    internal static void Closed(uint port)
    {
        if (Sockets.AddOrUpdate(port, 0, (_, count) => count - 1) <= 0) Sockets.TryRemove(port, out _);
    }
}
