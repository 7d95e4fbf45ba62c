namespace Lab;

/// <summary>
/// The address plan of the node network 192.168.56.0/24, the same on virtual machines; of the "internet", 203.0.113.0/24 (RFC 5737); and of the
/// segment behind the router, 192.168.57.0/24, that a routed cluster has.
/// </summary>
internal static class AddressPlan
{
    public const string Control = "192.168.56.10", Outside = "192.168.56.1", Internet = "203.0.113.1";

    /// <summary>For Services of type LoadBalancer: beyond the last node, on the link that every machine shares.</summary>
    public const string LoadBalancers = "192.168.56.220-192.168.56.250";

    /// <summary>As many as the plan has room for.</summary>
    public const int MaxNodes = 200;

    /// <summary>The router's two addresses.</summary>
    public const string Router = "192.168.56.2", FarRouter = "192.168.57.1";

    /// <summary>Where the router leads to.</summary>
    public const string Far = "192.168.57.0/24";

    /// <summary>So many nodes of a routed cluster are beside each other; all others are behind the router.</summary>
    public const int NearNodes = 2;

    public static string Node(int number, bool routed = false) => $"192.168.{(IsFar(number, routed) ? 57 : 56)}.{10 + number}";

    public static bool IsFar(int number, bool routed) => routed && number > NearNodes;

    /// <summary>Locally administered, with the address in it: 02:00 and the four bytes.</summary>
    public static string Hardware(string address) =>
        "02:00:" + string.Join(':', System.Net.IPAddress.Parse(address).GetAddressBytes().Select(part => part.ToString("x2")));
}
