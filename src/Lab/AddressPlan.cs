namespace Lab;

/// <summary>The address plan of the node network 192.168.56.0/24, the same on virtual machines; and of the "internet", 203.0.113.0/24 (RFC 5737).</summary>
internal static class AddressPlan
{
    public const string Control = "192.168.56.10", Outside = "192.168.56.1", Internet = "203.0.113.1";

    /// <summary>For Services of type LoadBalancer: beyond the last node, on the link that every machine shares.</summary>
    public const string LoadBalancers = "192.168.56.220-192.168.56.250";

    /// <summary>As many as the plan has room for.</summary>
    public const int MaxNodes = 200;

    public static string Node(int number) => $"192.168.56.{10 + number}";

    /// <summary>Locally administered, with the address in it: 02:00 and the four bytes.</summary>
    public static string Hardware(string address) =>
        "02:00:" + string.Join(':', System.Net.IPAddress.Parse(address).GetAddressBytes().Select(part => part.ToString("x2")));
}
