using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KernelTests.ServiceProxy;

/// <summary>Clients in namespaces.</summary>
internal static class TestClient
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>A socket that stays in that namespace, wherever it is used.</summary>
    public static Socket Open(TestSpace space, ProtocolType protocol) => space.Namespace.Run(() =>
        new Socket(AddressFamily.InterNetwork, protocol == ProtocolType.Tcp ? SocketType.Stream : SocketType.Dgram, protocol));

    /// <summary>Connects, asks, closes: what <see cref="TestServer"/> answered, or the error: "ConnectionRefused".</summary>
    public static async Task<string> Ask(TestSpace from, string address, int port, ProtocolType protocol = ProtocolType.Tcp)
    {
        using var socket = Open(from, protocol);
        using var cancel = new CancellationTokenSource(Patience);
        try { await socket.ConnectAsync(IPAddress.Parse(address), port, cancel.Token); }
        catch (SocketException error) { return error.SocketErrorCode.ToString(); }
        catch (OperationCanceledException) { return "no connection"; }
        return await Ask(socket, Patience);
    }

    /// <summary>The same on a socket that is connected already.</summary>
    public static async Task<string> Ask(Socket connected, TimeSpan patience)
    {
        var buffer = new byte[64];
        using var cancel = new CancellationTokenSource(patience);
        try
        {
            await connected.SendAsync(new byte[] { 1 }, SocketFlags.None, cancel.Token);
            return Encoding.ASCII.GetString(buffer, 0, await connected.ReceiveAsync(buffer, SocketFlags.None, cancel.Token));
        }
        catch (SocketException error) { return error.SocketErrorCode.ToString(); }
        catch (OperationCanceledException) { return "no answer"; }
    }
}
