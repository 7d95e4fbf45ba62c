using System.Net.Sockets;

namespace Lab;

/// <summary>
/// Held by whoever changes a cluster: an abstract unix socket (unix(7)), which leaves no file and ends with its process.
/// </summary>
internal static class ClusterLock
{
    public static async Task<IDisposable> Take(string cluster, Action<string> progress)
    {
        var said = false;
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Bind(new UnixDomainSocketEndPoint($"\0nodeagent-lab/{cluster}"));
                return socket;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                socket.Dispose();
                if (!said) progress($"waiting for another command that changes cluster {cluster} ...");
                said = true;
                await Task.Delay(50);
            }
        }
    }
}
