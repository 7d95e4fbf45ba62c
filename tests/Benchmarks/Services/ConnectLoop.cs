using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Linux;
using static Benchmarks.Services.NativeSockets;

namespace Benchmarks.Services;

/// <summary>How long each connection took, and how many a second one client opened in each turn, one after the other.</summary>
internal sealed record Connects(IReadOnlyList<double> Microseconds, IReadOnlyList<double> PerSecond);

/// <summary>Opens TCP connections as fast as one thread can, each to a target chosen at random, and resets them: no TIME_WAIT is left.</summary>
internal static class ConnectLoop
{
    /// <summary>Milliseconds after which a connection has failed.</summary>
    private const int Patience = 3000;

    private const int Turn = 100;

    /// <summary>
    /// Several kinds by turns of <see cref="Turn"/> connections (some 3 ms), so that whatever else happens on the machine happens to all of them.
    /// </summary>
    /// <param name="kinds">The namespace to connect from, and the targets.</param>
    /// <param name="count">Connections of each kind.</param>
    /// <exception cref="InvalidOperationException">A connection failed: then there is nothing to compare.</exception>
    public static IReadOnlyList<Connects> Run(IReadOnlyList<(Space From, IReadOnlyList<(IPAddress Address, int Port)> Targets)> kinds, int count, int seed)
    {
        var random = new Random(seed);
        var loops = kinds.Select(kind => new Kind(kind.From, kind.Targets, [.. kind.Targets.Select(target => Address(target.Address, target.Port))],
            [.. Enumerable.Range(0, count).Select(_ => random.Next(kind.Targets.Count))])).ToList();
        kinds[0].From.Namespace.Run(() =>
        {
            for (var i = 0; i < count; i += Turn)
                foreach (var loop in loops) loop.Connect(i, Math.Min(i + Turn, count));
        });
        return [.. loops.Select(loop => loop.Result)];
    }

    private sealed class Kind(Space from, IReadOnlyList<(IPAddress Address, int Port)> targets, sockaddr_in[] addresses, int[] order)
    {
        private readonly long[] ticks = new long[order.Length];
        private readonly List<double> rates = [];

        public Connects Result => new(ticks.Select(time => time * 1e6 / Stopwatch.Frequency).ToList(), rates);

        public void Connect(int start, int end)
        {
            LibC.Check(LibC.setns(from.Namespace.Descriptor, LibC.CLONE_NEWNET), "enter a network namespace");
            var started = Stopwatch.GetTimestamp();
            for (var i = start; i < end; i++) ticks[i] = One(addresses[order[i]], targets[order[i]]);
            rates.Add((end - start) / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
    }

    /// <summary>From the SYN to the established connection. Non-blocking: on one machine it is there by the time that connect returns.</summary>
    private static long One(in sockaddr_in address, (IPAddress Address, int Port) target)
    {
        var fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        var waiting = new pollfd { fd = fd, events = POLLOUT };
        var started = Stopwatch.GetTimestamp();
        var result = connect(fd, address, (uint)Unsafe.SizeOf<sockaddr_in>());
        var error = result == 0 ? 0 : Marshal.GetLastPInvokeError();
        var ready = poll(ref waiting, 1, Patience);
        var took = Stopwatch.GetTimestamp() - started;
        var (left, size) = (0, (uint)sizeof(int));
        getsockopt(fd, SOL_SOCKET, SO_ERROR, ref left, ref size);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, new linger { l_onoff = 1 }, (uint)Unsafe.SizeOf<linger>());
        close(fd);
        if (error is not (0 or EINPROGRESS) || ready != 1 || left != 0)
            throw new InvalidOperationException($"connect to {target.Address}:{target.Port} failed: errno {(error is 0 or EINPROGRESS ? left : error)}{(ready == 0 ? ", no answer" : "")}");
        return took;
    }
}
