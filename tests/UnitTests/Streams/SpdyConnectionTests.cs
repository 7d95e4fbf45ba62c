using System.Text;
using NodeAgent.Streams;
using NodeAgent.Streams.Spdy;
using Xunit;

namespace UnitTests.Streams;

public sealed class SpdyConnectionTests : IAsyncLifetime
{
    private readonly CancellationTokenSource stop = new();
    private Duplex wire = null!;
    private SpdyTestClient client = null!;
    private SpdyConnection server = null!;
    private Task running = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        wire = await Duplex.Create();
        client = new SpdyTestClient(wire.Client);
        server = new SpdyConnection(wire.Server);
        running = server.Run(stop.Token);
    }

    public async Task DisposeAsync()
    {
        await stop.CancelAsync();
        await wire.DisposeAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Every_stream_is_answered_and_carries_bytes_both_ways()
    {
        foreach (var (id, name) in new[] { (1, "error"), (3, "stdin"), (5, "stdout") })
        {
            await client.SynStream(id, ("streamtype", name));
            var (frame, body) = await client.Read();
            Assert.Equal((SpdyControl.SynReply, id), (frame.Type, body[3]));
            Assert.Equal(name, (await Opened()).Header("streamtype"));
        }
        await client.SynStream(7, ("streamtype", "data"));
        await client.Read();
        var stream = await Opened();
        await client.Data(7, "hello"u8.ToArray());
        await client.Data(7, " you"u8.ToArray(), last: true);
        Assert.Equal("hello you", await ReadAll(stream));
        await stream.Write("back"u8.ToArray(), CancellationToken.None);
        await stream.CloseWrite(CancellationToken.None);
        await stream.CloseWrite(CancellationToken.None); // once is enough
        Assert.Equal((7, "back", false), await client.ReadData());
        Assert.Equal((7, "", true), await client.ReadData());
    }

    [Fact]
    public async Task A_ping_comes_back_and_unknown_frames_do_nothing()
    {
        await client.Control(SpdyControl.Settings, 0, 0, 0, 0);
        await client.Control((SpdyControl)99, 1, 2, 3);
        await client.Control(SpdyControl.WindowUpdate, 0, 0, 0, 1, 0, 0, 1, 0);
        await client.Control(SpdyControl.Ping, 0, 0, 0, 2); // an even number would be an answer to a ping of the server's
        await client.Control(SpdyControl.Ping, 0, 0, 0, 5);
        var (frame, body) = await client.Read();
        Assert.Equal((SpdyControl.Ping, 5), (frame.Type, body[3]));
    }

    [Fact]
    public async Task GOAWAY_ends_the_connection_and_its_streams()
    {
        await client.SynStream(1, ("streamtype", "stdin"));
        await client.Read();
        var stream = await Opened();
        await client.Control(SpdyControl.GoAway, 0, 0, 0, 0, 0, 0, 0, 0);
        await running.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<IOException>(() => ReadAll(stream));
    }

    [Fact]
    public async Task A_stream_that_was_reset_ends_and_what_comes_for_it_is_dropped()
    {
        await client.SynStream(1, ("streamtype", "stdin"));
        await client.Read();
        var stream = await Opened();
        await client.Control(SpdyControl.RstStream, 0, 0, 0, 1, 0, 0, 0, 5);
        await Assert.ThrowsAsync<IOException>(() => ReadAll(stream));
        await client.Data(1, new byte[100_000]);
        await client.Control(SpdyControl.Ping, 0, 0, 0, 1);
        Assert.Equal(SpdyControl.Ping, (await client.Read()).Frame.Type);
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_holds_no_more_than_its_buffer_and_goes_on_when_it_is_read()
    {
        await client.SynStream(1, ("streamtype", "stdin"));
        await client.Read();
        var stream = await Opened();
        const int size = 64 * 1024 * 1024;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var sending = Task.Run(async () =>
        {
            for (var sent = 0; sent < size; sent += 1 << 20) await client.Data(1, new byte[1 << 20], last: sent + (1 << 20) == size);
        });
        Assert.NotSame(sending, await Task.WhenAny(sending, Task.Delay(500))); // TCP holds it back
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 8 * 1024 * 1024);
        var total = 0L;
        while (await stream.Input.ReadAsync() is var read)
        {
            total += read.Buffer.Length;
            stream.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) break;
        }
        Assert.Equal(size, total);
        await sending;
    }

    [Fact]
    public async Task What_a_reader_does_not_want_any_more_does_not_stop_the_connection()
    {
        await client.SynStream(1, ("streamtype", "stdin"));
        await client.Read();
        await (await Opened()).Input.CompleteAsync();
        for (var i = 0; i < 16; i++) await client.Data(1, new byte[1 << 20]);
        await client.Control(SpdyControl.Ping, 0, 0, 0, 1);
        Assert.Equal(SpdyControl.Ping, (await client.Read()).Frame.Type);
    }

    [Fact]
    public async Task One_stalled_stream_does_not_stop_the_others_for_ever()
    {
        await using var pair = await Duplex.Create();
        await using var connection = new SpdyConnection(pair.Server, TimeSpan.FromMilliseconds(200));
        var reading = connection.Run(CancellationToken.None);
        var impatient = new SpdyTestClient(pair.Client);
        await impatient.SynStream(1, ("streamtype", "data"));
        await impatient.SynStream(3, ("streamtype", "data"));
        await impatient.Read();
        await impatient.Read();
        await connection.Opened.ReadAsync();
        var other = await connection.Opened.ReadAsync();
        await impatient.Data(1, new byte[SpdyStream.BufferSize * 2]);
        await impatient.Data(3, "through"u8.ToArray(), last: true);
        Assert.Equal("through", await ReadAll(other));
        var (frame, body) = await impatient.Read();
        Assert.Equal((SpdyControl.RstStream, 1), (frame.Type, body[3]));
        await pair.Client.DisposeAsync();
        await reading.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Too_many_streams_are_refused_one_by_one()
    {
        var refused = 0;
        for (var i = 0; i < 1030; i++)
        {
            await client.SynStream(2 * i + 1, ("streamtype", "data"));
            if ((await client.Read()).Frame.Type == SpdyControl.RstStream) refused++;
        }
        Assert.Equal(6, refused);
    }

    [Fact]
    public async Task Streams_that_are_cancelled_at_once_are_bounded_too()
    {
        var refused = 0;
        for (var i = 0; i < 1030; i++)
        {
            await client.SynStream(2 * i + 1, ("streamtype", "data"));
            if ((await client.Read()).Frame.Type == SpdyControl.RstStream) refused++;
            var id = 2 * i + 1;
            await client.Control(SpdyControl.RstStream, (byte)(id >> 24), (byte)(id >> 16), (byte)(id >> 8), (byte)id, 0, 0, 0, 5);
        }
        Assert.Equal(6, refused);
    }

    [Fact]
    public async Task Halves_of_forwarded_connections_whose_other_half_never_comes_are_let_go()
    {
        await using var pair = await Duplex.Create();
        await using var forwarding = new SpdyConnection(pair.Server);
        using var end = new CancellationTokenSource();
        var session = new PortForwardSession(forwarding, (_, _) => throw new IOException("no pod"), (port, _) => $"no port {port}").Run(end.Token);
        var kubectl = new SpdyTestClient(pair.Client);
        for (var i = 0; i < 3000; i++)
        {
            await kubectl.SynStream(2 * i + 1, ("streamtype", "error"), ("requestid", $"{i}"), ("port", "80"));
            Assert.Equal(SpdyControl.SynReply, (await kubectl.Read()).Frame.Type);
        }
        await end.CancelAsync();
        await session.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("800200010000000a00000000000000000000")] // SPDY/2
    [InlineData("80030001000000020000")] // a SYN_STREAM that ends early
    [InlineData("8003000100000010000000020000000000007801010000ffff")] // an even stream
    [InlineData("80030001ffffffff")] // a control frame of 16 MB
    [InlineData("474554202f20485454502f312e310d0a0d0a")] // HTTP
    public async Task A_breach_of_the_protocol_ends_the_connection(string bytes)
    {
        await wire.Client.WriteAsync(Convert.FromHexString(bytes));
        await wire.Client.FlushAsync();
        if (bytes.StartsWith("47", StringComparison.Ordinal)) await wire.Client.DisposeAsync(); // read as data of a stream that nobody has
        await running.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Whatever_comes_in_the_connection_ends_in_order()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var run = 0; run < 1000; run++)
        {
            await using var pair = await Duplex.Create();
            await using var connection = new SpdyConnection(pair.Server);
            var reading = connection.Run(CancellationToken.None);
            var noise = Noise(random);
            await pair.Client.WriteAsync(noise);
            await pair.Client.DisposeAsync();
            try { await reading.WaitAsync(TimeSpan.FromSeconds(30)); }
            catch (Exception e) { Assert.Fail($"seed {seed}, run {run}: {e}\n{Convert.ToHexStringLower(noise)}"); }
        }
    }

    /// <summary>Real frames with some bytes changed, or plain noise.</summary>
    private static byte[] Noise(Random random)
    {
        var bytes = Convert.FromHexString("8003000100000028" + "00000001000000000000" + "78f9e3c6a7c202a62346703a2b294a4dcc851625aca9a08006000000ffff"
            + "8003000100000017" + "00000003000000000000" + "c22e555c02cc2e00000000ffff" + "0000000301000005" + "68656c6c6f" + "8003000600000004" + "00000001" + "8003000300000008" + "0000000300000005");
        if (random.Next(4) == 0) random.NextBytes(bytes);
        for (var changes = random.Next(6); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes[..random.Next(bytes.Length + 1)];
    }

    private async Task<SpdyStream> Opened() => await server.Opened.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    private static async Task<string> ReadAll(SpdyStream stream)
    {
        using var text = new MemoryStream();
        while (await stream.Input.ReadAsync() is var read)
        {
            foreach (var piece in read.Buffer) text.Write(piece.Span);
            stream.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) break;
        }
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
