using System.Net;
using Linux;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.NftablesMode;

/// <summary>
/// The two forms in which a packet names a frontend: by address, protocol and port, and for nodePorts by protocol and port alone. Each has
/// sets, maps and chains of its own, of the same shape.
/// </summary>
internal sealed record FrontendForm(string Prefix, IReadOnlyList<NftablesType> Key)
{
    public static FrontendForm Address { get; } = new("fe", [NftablesType.Ipv4Address, NftablesType.Protocol, NftablesType.Service]);
    public static FrontendForm NodePort { get; } = new("np", [NftablesType.Protocol, NftablesType.Service]);
    public static IReadOnlyList<FrontendForm> Both { get; } = [Address, NodePort];

    public static FrontendForm Of(Frontend frontend) => frontend.Address is null ? NodePort : Address;

    /// <summary>All endpoints of all frontends, by frontend and index.</summary>
    public string Endpoints => $"{Prefix}-endpoints";

    /// <summary>Whose clients' addresses do not reach the endpoints.</summary>
    public string Masquerade => $"{Prefix}-masquerade";

    /// <summary>externalTrafficPolicy Local: clients from outside have a list of their own.</summary>
    public string ExternalLocal => $"{Prefix}-external-local";

    public string Refuse => $"{Prefix}-refuse";
    public string Drop => $"{Prefix}-drop";

    /// <summary>Frontends with session affinity → their chains; those for clients from outside apart.</summary>
    public string Affinity(bool local) => local ? $"{Prefix}-affinity-local" : $"{Prefix}-affinity";

    /// <summary>The frontends of one class.</summary>
    /// <param name="local">For the list that clients from outside have.</param>
    public string Class(bool local, int endpoints) => local ? $"{Prefix}-local-{endpoints}" : $"{Prefix}-{endpoints}";

    /// <summary>The chain that draws one of their endpoints.</summary>
    public string Balance(bool local, int endpoints) => $"lb-{Class(local, endpoints)}";

    /// <summary>The chain that looks for a frontend's class.</summary>
    public string Dispatch(bool local) => local ? $"dispatch-{Prefix}-local" : $"dispatch-{Prefix}";

    public static NftablesValue KeyOf(string protocol, Frontend frontend) => frontend.Address is { } address
        ? NftablesValue.Of(NftablesValue.Field(address), Protocols.Number(protocol), NftablesValue.Field((ushort)frontend.Port))
        : NftablesValue.Of(Protocols.Number(protocol), NftablesValue.Field((ushort)frontend.Port));
}

/// <summary>The protocols of Services, with their IP protocol numbers.</summary>
internal static class Protocols
{
    public static IReadOnlyList<string> All { get; } = ["tcp", "udp", "sctp"];

    public static byte Number(string protocol) => protocol switch { "tcp" => 6, "udp" => 17, "sctp" => 132, _ => throw new ArgumentException($"{protocol} is no protocol of a Service") };

    public static string Name(uint number) => All.FirstOrDefault(protocol => Number(protocol) == number) ?? $"{number}";
}
