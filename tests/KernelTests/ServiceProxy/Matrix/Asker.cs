using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>A connection to be opened.</summary>
/// <param name="Source">Its own address; null = whichever the route prescribes.</param>
internal sealed record Question(TestSpace From, string? Source, string Protocol, string Address, int Port);

/// <summary>Opens connections by the hundred, each from a port of its own, and tells what came back: the server's text, or one of the words below.</summary>
internal sealed class Asker : IAsyncDisposable
{
    public const string Refused = "refused", Silent = "silence";

    private readonly Dictionary<(TestSpace, string?), SctpClient> sctp = [];

    /// <param name="patience">How long silence is, for each lot of <paramref name="atOnce"/>.</param>
    public async Task<IReadOnlyList<string>> Ask(IReadOnlyList<Question> questions, TimeSpan patience, int atOnce)
    {
        var answers = new List<string>();
        foreach (var lot in questions.Chunk(atOnce))
        {
            var sockets = Open(lot);
            using var end = new CancellationTokenSource(patience);
            var ended = Task.Delay(Timeout.Infinite, end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            answers.AddRange(await Task.WhenAll(lot.Select((question, i) => Task.Run(() => question.Protocol == "sctp"
                ? sctp[(question.From, question.Source)].Ask(IPAddress.Parse(question.Address), question.Port, ended) : Ask(sockets[i]!, question, end.Token)))));
            await end.CancelAsync();
        }
        return answers;
    }

    /// <summary>One visit to each namespace for all its sockets.</summary>
    private Socket?[] Open(IReadOnlyList<Question> lot)
    {
        var sockets = new Socket?[lot.Count];
        foreach (var question in lot.Where(question => question.Protocol == "sctp"))
            if (!sctp.ContainsKey((question.From, question.Source)))
                sctp[(question.From, question.Source)] = new(question.From, question.Source is { } source ? IPAddress.Parse(source) : null);
        foreach (var group in lot.Select((question, i) => (question, i)).Where(entry => entry.question.Protocol != "sctp").GroupBy(entry => entry.question.From))
            group.Key.Namespace.Run(() =>
            {
                foreach (var (question, i) in group)
                    sockets[i] = question.Protocol == "tcp" ? new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) : new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            });
        return sockets;
    }

    private static async Task<string> Ask(Socket open, Question question, CancellationToken end)
    {
        using var socket = open;
        try
        {
            if (question.Source is { } source) socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
            await socket.ConnectAsync(IPAddress.Parse(question.Address), question.Port, end);
            if (question.Protocol == "udp") Send(socket);
            var buffer = new byte[64];
            return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, SocketFlags.None, end));
        }
        catch (OperationCanceledException) { return Silent; }
        catch (SocketException error) { return error.SocketErrorCode == SocketError.ConnectionRefused ? Refused : error.SocketErrorCode.ToString(); }
    }

    /// <summary>A datagram that this node's own rules drop or reject is an error of the call; which of the two it is, the socket learns by ICMP or never.</summary>
    private static void Send(Socket socket)
    {
        try { socket.Send([1]); }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.AccessDenied) { }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in sctp.Values) await client.DisposeAsync();
    }
}
