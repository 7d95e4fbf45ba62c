using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>
/// Opens SCTP associations from one address: an INIT each, from a port of its own. A raw socket per question would not do: each of them
/// would get everything.
/// </summary>
internal sealed class SctpClient : IAsyncDisposable
{
    private const byte Unreachable = 3;
    private static readonly TimeSpan Resend = TimeSpan.FromMilliseconds(500);

    private readonly RawSocket sctp, icmp;
    private readonly ConcurrentDictionary<ushort, TaskCompletionSource<string>> pending = [];
    private int lastPort = 20000;

    public SctpClient(TestSpace space, IPAddress? source)
    {
        sctp = new(space, RawSocket.Sctp, source, (_, _, bytes) =>
        {
            if (SctpPacket.Parse(bytes) is { IsAnswer: true } packet && packet.VerificationTag == TagOf(packet.Destination)) Answer(packet.Destination, packet.Text);
        });
        icmp = new(space, RawSocket.Icmp, source, (_, _, bytes) =>
        {
            if (bytes.Length < 8 + 20 + 8 || bytes[0] != Unreachable || bytes[8 + 9] != RawSocket.Sctp) return;
            Answer(BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(8 + (bytes[8] & 15) * 4)), Asker.Refused);
        });
    }

    public async Task<string> Ask(IPAddress address, int port, Task end)
    {
        var own = (ushort)(20000 + Interlocked.Increment(ref lastPort) % 40000);
        var answer = pending[own] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var packet = new SctpPacket(own, (ushort)port, 0, false, TagOf(own), "").ToBytes();
        while (!answer.Task.IsCompleted && !end.IsCompleted)
        {
            sctp.Send(address, packet);
            await Task.WhenAny(answer.Task, end, Task.Delay(Resend));
        }
        pending.TryRemove(own, out _);
        return answer.Task.IsCompleted ? await answer.Task : Asker.Silent;
    }

    private static uint TagOf(ushort port) => 0x5c790000u | port;

    private void Answer(ushort port, string text)
    {
        if (pending.TryGetValue(port, out var waiting)) waiting.TrySetResult(text);
    }

    public async ValueTask DisposeAsync()
    {
        await sctp.DisposeAsync();
        await icmp.DisposeAsync();
    }
}
