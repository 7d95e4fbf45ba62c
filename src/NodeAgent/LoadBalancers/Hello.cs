using System.Text;

namespace NodeAgent.LoadBalancers;

/// <summary>
/// What nodes tell each other on a link: "I am alive". "NALB", the version 1, whether the sender can hold addresses (0 or 1), and the sender's
/// name to the end, in UTF-8.
/// </summary>
/// <param name="Ready">The sender can hold addresses; else it has only just begun to listen.</param>
internal sealed record Hello(string Node, bool Ready)
{
    /// <summary>A Node's name has 253 characters at most, all of one byte (RFC 1123).</summary>
    public const int LongestName = 253;

    /// <summary>In bytes.</summary>
    public const int Longest = 6 + LongestName;

    private static ReadOnlySpan<byte> Beginning => "NALB\u0001"u8;

    public byte[] Write() => [.. Beginning, Ready ? (byte)1 : (byte)0, .. Encoding.UTF8.GetBytes(Node)];

    /// <returns>Null for what is no hello.</returns>
    public static Hello? Read(ReadOnlySpan<byte> message) =>
        message.Length is > 6 and <= Longest && message.StartsWith(Beginning) && message[5] <= 1 ? new Hello(Encoding.UTF8.GetString(message[6..]), message[5] == 1) : null;
}
