using System.Net;
using System.Net.Sockets;

namespace Ports;

/// <summary>A TCP port of this machine for a server that a test is about to start.</summary>
internal static class FreePort
{
    /// <summary>
    /// A port of 127.0.0.1 that nobody listens on. It lies below those that the kernel takes for outgoing connections
    /// (ip_local_port_range), so no connection of a test beside gets it before the server does.
    /// </summary>
    public static int Find()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(12_000, 30_000));
            try { listener.Start(); }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse) { continue; }
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        throw new InvalidOperationException("no free port between 12000 and 30000");
    }
}
