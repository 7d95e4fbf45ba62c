using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Linux;

namespace Benchmarks.Services;

/// <summary>What became of requests: how long the answered ones took, and the words of the system about the others.</summary>
internal sealed record Requests(IReadOnlyList<double> Milliseconds, IReadOnlyList<string> Failed, TimeSpan During)
{
    public int Count => Milliseconds.Count + Failed.Count;

    public double PerSecond => Count / During.TotalSeconds;
}

/// <summary>
/// HTTP requests at a steady rate, each with a connection of its own; none is tried twice. Each caller has its own times to begin, so that one
/// that waits does not hold up the others; what it is late it makes up.
/// </summary>
internal sealed class SteadyRequests : IDisposable
{
    /// <summary>Callers of a place: of so many requests at once there is an answer to wait for.</summary>
    private const int Callers = 4;

    /// <summary>Milliseconds for the connection and for each piece of an answer: so long that a crowded machine alone makes no request fail.</summary>
    private const int Patience = 20_000;

    private readonly Lock guard = new();
    private readonly List<Task> loops = [];
    private List<double> answered = [];
    private List<string> failed = [];
    private long since = Stopwatch.GetTimestamp();
    private volatile bool ending;

    /// <param name="places">The namespaces to call from, and what is called there.</param>
    /// <param name="perSecond">By all places together.</param>
    public SteadyRequests(IReadOnlyList<(NetworkNamespace From, IPEndPoint Target)> places, int perSecond)
    {
        var callers = places.SelectMany(place => Enumerable.Repeat(place, Callers)).ToList();
        var (start, interval) = (since, Stopwatch.Frequency * callers.Count / perSecond);
        foreach (var (index, (from, target)) in callers.Index())
            loops.Add(Task.Factory.StartNew(() => from.Run(() => Call(target, start + interval * index / callers.Count, interval)), TaskCreationOptions.LongRunning));
    }

    /// <summary>What has ended since the last time that this was asked.</summary>
    /// <exception cref="Exception">A caller has ended by a fault of its own.</exception>
    public Requests Take()
    {
        foreach (var loop in loops.Where(loop => loop.IsFaulted)) loop.GetAwaiter().GetResult();
        lock (guard)
        {
            var now = Stopwatch.GetTimestamp();
            var taken = new Requests(answered, failed, Stopwatch.GetElapsedTime(since, now));
            (answered, failed, since) = ([], [], now);
            return taken;
        }
    }

    /// <summary>Waits for the answers that are under way.</summary>
    public void Dispose()
    {
        ending = true;
        Task.WaitAll(loops);
    }

    private void Call(IPEndPoint target, long next, long interval)
    {
        for (; !ending; next += interval)
        {
            var early = TimeSpan.FromSeconds((next - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency);
            if (early > TimeSpan.Zero) Thread.Sleep(early);
            var started = Stopwatch.GetTimestamp();
            var problem = Ask(target);
            lock (guard)
            {
                if (problem is null) answered.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                else failed.Add($"{DateTime.UtcNow:HH:mm:ss.fff} {target}: {problem}");
            }
        }
    }

    /// <returns>Null: the whole answer came and was a 200.</returns>
    private static string? Ask(IPEndPoint target)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = false };
        try
        {
            try { socket.Connect(target); }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress) { }
            if (!socket.Poll(TimeSpan.FromMilliseconds(Patience), SelectMode.SelectWrite)) return "connect: no answer";
            if ((SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! is var error and not SocketError.Success) return $"connect: {error}";
            (socket.Blocking, socket.ReceiveTimeout) = (true, Patience);
            socket.Send("GET / HTTP/1.0\r\nHost: bench\r\n\r\n"u8);
            return Read(socket);
        }
        catch (SocketException e) { return $"connected: {e.SocketErrorCode}"; }
    }

    private static string? Read(Socket socket)
    {
        var buffer = new byte[4096];
        var length = 0;
        while (length < buffer.Length && socket.Receive(buffer.AsSpan(length)) is > 0 and var count) length += count;
        var answer = System.Text.Encoding.ASCII.GetString(buffer, 0, length);
        if (!answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)) return $"answered: {answer.Split('\r')[0]}";
        return answer.Contains("</html>", StringComparison.Ordinal) ? null : $"answered: only {length} bytes";
    }
}
