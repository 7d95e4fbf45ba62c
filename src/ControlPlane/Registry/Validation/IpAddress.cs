using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Registry.Validation;

/// <summary>Rules for IP addresses and ranges, as k8s.io/apimachinery util/validation words them.</summary>
internal static class IpAddress
{
    /// <summary>
    /// An address in canonical text form, or null: .NET reads more than Kubernetes allows ("10.1", "0x0a000001",
    /// leading zeros), so the text must come back as it went in.
    /// </summary>
    public static IPAddress? Parse(string? text)
    {
        if (text is null || !IPAddress.TryParse(text, out var address)) return null;
        if (address.AddressFamily == AddressFamily.InterNetworkV6) return text.Contains('%') || text.Contains('[') ? null : address;
        return address.ToString() == text ? address : null;
    }

    public static string? Problem(string? text) => Parse(text) is null ? "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)" : null;

    /// <summary>What an endpoint must not be, because it would lead back into the node or the link (core/v1 ValidateNonSpecialIP).</summary>
    public static string? SpecialProblem(string text) => Parse(text) switch
    {
        null => Problem(text),
        var ip when ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any) => $"may not be unspecified ({text})",
        var ip when IPAddress.IsLoopback(ip) => "may not be in the loopback range (127.0.0.0/8, ::1/128)",
        var ip when IsLinkLocalUnicast(ip) => "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
        var ip when IsLinkLocalMulticast(ip) => "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
        _ => null,
    };

    public static string? CidrProblem(string text)
    {
        var slash = text.IndexOf('/');
        return slash > 0 && Parse(text[..slash]) is { } address && int.TryParse(text[(slash + 1)..], System.Globalization.NumberStyles.None, null, out var length)
            && length <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
            ? null : "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
    }

    private static bool IsLinkLocalUnicast(IPAddress ip) =>
        ip.IsIPv6LinkLocal || ip.AddressFamily == AddressFamily.InterNetwork && ip.GetAddressBytes() is [169, 254, _, _];

    private static bool IsLinkLocalMulticast(IPAddress ip) => ip.GetAddressBytes() switch
    {
        [224, 0, 0, _] => true,
        { Length: 16 } bytes => bytes[0] == 0xff && (bytes[1] & 0x0f) == 2,
        _ => false,
    };
}
