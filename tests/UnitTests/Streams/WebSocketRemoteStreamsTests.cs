using System.Net.WebSockets;
using System.Text;
using NodeAgent.Streams;
using Xunit;

namespace UnitTests.Streams;

public sealed class WebSocketRemoteStreamsTests
{
    private static readonly StreamOptions Everything = new(Stdin: true, Stdout: true, Stderr: true, Terminal: true);

    [Fact]
    public async Task Channels_are_told_apart_by_their_first_byte()
    {
        await using var wire = await Wire.Open(WebSocketRemoteStreams.V5);
        await wire.Send([0, (byte)'h', (byte)'i']);
        await wire.Send([4, .. "{\"Width\":120,\"Height\":40}"u8]);
        await wire.Send([9, 1, 2, 3]); // a channel that nobody knows
        await wire.Send([0, (byte)'!'], endOfMessage: false);
        await wire.Send([(byte)'?']); // the rest of that message
        await wire.Send([255, 0]);
        Assert.Equal("hi!?", await Text(wire.Server.Stdin));
        var sizes = new List<(int, int)>();
        var reading = TerminalSizes.Read(wire.Server.Resize, (width, height) => { sizes.Add((width, height)); return ValueTask.CompletedTask; }, CancellationToken.None);
        await wire.Server.Write(OutputChannel.Stdout, "out"u8.ToArray(), CancellationToken.None);
        await wire.Server.Write(OutputChannel.Stderr, "err"u8.ToArray(), CancellationToken.None);
        Assert.Equal("\u0001out", await wire.Receive());
        Assert.Equal("\u0002err", await wire.Receive());
        var finishing = wire.Server.Finish(RemoteStatus.Exited(3), CancellationToken.None);
        var status = await wire.Receive();
        Assert.StartsWith("\u0003{", status);
        Assert.Contains("\"reason\":\"ExitCode\",\"message\":\"3\"", status);
        Assert.Null(await wire.Receive()); // the close
        Assert.Equal(WebSocketCloseStatus.NormalClosure, wire.Client.CloseStatus);
        await wire.Client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        await finishing;
        await reading;
        Assert.Equal([(120, 40)], sizes);
    }

    [Fact]
    public async Task In_v4_nothing_ends_input_but_the_client()
    {
        await using var wire = await Wire.Open(WebSocketRemoteStreams.V4);
        await wire.Send([255, 0]);
        await wire.Send([0, (byte)'x']);
        await wire.Client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        await wire.Server.Gone.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<IOException>(() => Text(wire.Server.Stdin));
    }

    [Fact]
    public async Task A_text_message_ends_the_connection()
    {
        await using var wire = await Wire.Open(WebSocketRemoteStreams.V5);
        await wire.Client.SendAsync("0hello"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        await wire.Server.Gone.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Null(await wire.Receive());
        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, wire.Client.CloseStatus);
    }

    [Fact]
    public async Task A_client_that_vanishes_is_noticed_and_cannot_be_written_to_for_ever()
    {
        await using var wire = await Wire.Open(WebSocketRemoteStreams.V5);
        await wire.Transport.DisposeAsync();
        await wire.Server.Gone.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            for (var i = 0; i < 1000; i++) await wire.Server.Write(OutputChannel.Stdout, new byte[32 * 1024], CancellationToken.None);
        });
    }

    [Fact]
    public async Task Whatever_comes_the_streams_end_in_order()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var run = 0; run < 1000; run++)
        {
            await using var pair = await Duplex.Create();
            var server = WebSocket.CreateFromStream(pair.Server, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
            await using var streams = new WebSocketRemoteStreams(server, WebSocketRemoteStreams.V5, Everything);
            await streams.Stdin.CompleteAsync();
            await streams.Resize.CompleteAsync();
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            if (noise.Length > 2 && random.Next(3) > 0) (noise[0], noise[1]) = (0x82, (byte)(0x80 | random.Next(126))); // a whole binary frame, masked
            await pair.Client.WriteAsync(noise);
            await pair.Client.DisposeAsync();
            try { await streams.Gone.WaitAsync(TimeSpan.FromSeconds(30)); }
            catch (Exception e) { Assert.Fail($"seed {seed}, run {run}: {e}\n{Convert.ToHexStringLower(noise)}"); }
        }
    }

    [Fact]
    public async Task Bytes_in_messages_are_bytes_again_wherever_they_were_cut()
    {
        await using var pair = await Duplex.Create();
        await using var server = new WebSocketByteStream(WebSocket.CreateFromStream(pair.Server, new WebSocketCreationOptions { IsServer = true }));
        using var client = WebSocket.CreateFromStream(pair.Client, new WebSocketCreationOptions());
        foreach (var piece in new[] { "a", "", "bcd", "e" }) await client.SendAsync(Encoding.ASCII.GetBytes(piece), WebSocketMessageType.Binary, true, CancellationToken.None);
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        using var all = new MemoryStream();
        var buffer = new byte[2];
        while (await server.ReadAsync(buffer.AsMemory()) is > 0 and var count) all.Write(buffer, 0, count);
        Assert.Equal("abcde", Encoding.ASCII.GetString(all.ToArray()));
    }

    private static async Task<string> Text(System.IO.Pipelines.PipeReader reader)
    {
        using var text = new MemoryStream();
        while (await reader.ReadAsync() is var read)
        {
            foreach (var piece in read.Buffer) text.Write(piece.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) break;
        }
        return Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>A client's WebSocket and the server's streams over one connection.</summary>
    private sealed class Wire(Duplex pair, WebSocket client, WebSocketRemoteStreams server) : IAsyncDisposable
    {
        public WebSocket Client => client;
        public WebSocketRemoteStreams Server => server;
        public Stream Transport => pair.Client;

        public static async Task<Wire> Open(string protocol)
        {
            var pair = await Duplex.Create();
            var server = WebSocket.CreateFromStream(pair.Server, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
            return new Wire(pair, WebSocket.CreateFromStream(pair.Client, new WebSocketCreationOptions()), new WebSocketRemoteStreams(server, protocol, Everything));
        }

        public ValueTask Send(byte[] bytes, bool endOfMessage = true) => client.SendAsync(bytes.AsMemory(), WebSocketMessageType.Binary, endOfMessage, CancellationToken.None);

        /// <summary>Null: the server has closed.</summary>
        public async Task<string?> Receive()
        {
            var buffer = new byte[4096];
            var piece = await client.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
            return piece.MessageType == WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(buffer, 0, piece.Count);
        }

        public async ValueTask DisposeAsync()
        {
            await pair.DisposeAsync();
            await server.DisposeAsync();
            client.Dispose();
        }
    }
}
