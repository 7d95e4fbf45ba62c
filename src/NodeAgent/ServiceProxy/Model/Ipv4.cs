using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>IPv4 addresses as the API writes them: four decimal numbers, nothing else.</summary>
internal static class Ipv4
{
    /// <summary>Null for anything but the one usual form: <see cref="IPAddress"/> itself also takes "1", "0x7f.1" and "010.0.0.1".</summary>
    public static IPAddress? Parse(string? text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text ? address : null;

    /// <summary>In host order, so that addresses sort as people expect.</summary>
    public static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
}
