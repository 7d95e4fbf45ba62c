using System.Net;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Dns;
using NodeAgent.Dns.Upstream;

namespace UnitTests.Dns;

/// <summary>A cluster's names without sockets: objects in, wire answers out.</summary>
internal sealed class TestNames
{
    public TestNames()
    {
        Zone = new ClusterZone("cluster.local", IPAddress.Parse("10.96.0.10"), [IPNetwork.Parse("10.96.0.0/16"), IPNetwork.Parse("10.244.0.0/16")]);
        Table.Set("", Zone.Own);
        Names = new ClusterNames(Table, Zone.Domain);
        Responder = new Responder(Zone, Table, Names);
    }

    public ClusterZone Zone { get; }
    public NameTable Table { get; } = new();
    public ClusterNames Names { get; }
    public Responder Responder { get; }

    public static TestNames With(IReadOnlyCollection<Service> services, params EndpointSlice[] slices)
    {
        var names = new TestNames();
        names.Names.Replace(services, slices);
        return names;
    }

    public static Service Service(string name, string? address, params ServicePort[] ports) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new ServiceSpec { Type = "ClusterIP", ClusterIP = address, Ports = ports },
    };

    public static Service External(string name, string target) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Spec = new ServiceSpec { Type = "ExternalName", ExternalName = target },
    };

    public static EndpointSlice Slice(string service, IReadOnlyList<Endpoint> endpoints, params DiscoveryEndpointPort[] ports) => new()
    {
        Metadata = new ObjectMeta { Name = $"{service}-1", Namespace = "default", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service } },
        AddressType = "IPv4", Endpoints = endpoints, Ports = ports,
    };

    public static Endpoint Endpoint(string address, string? hostname = null, bool? ready = null) =>
        new() { Addresses = [address], Hostname = hostname, Conditions = new EndpointConditions { Ready = ready } };

    /// <summary>Id 0x4e41; recursion desired.</summary>
    /// <param name="udpSize">Null: without EDNS.</param>
    public static byte[] Query(string name, ushort type, int? udpSize = null, int flags = 0x0100)
    {
        List<byte> query = [0x4e, 0x41, (byte)(flags >> 8), (byte)flags, 0, 1, 0, 0, 0, 0, 0, (byte)(udpSize is null ? 0 : 1)];
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries)) query.AddRange([(byte)label.Length, .. System.Text.Encoding.ASCII.GetBytes(label)]);
        query.AddRange([0, (byte)(type >> 8), (byte)type, 0, 1]);
        if (udpSize is { } size) query.AddRange([0, 0, 41, (byte)(size >> 8), (byte)size, 0, 0, 0, 0, 0, 0]);
        return [.. query];
    }

    public byte[]? Ask(byte[] query, int? limit = null)
    {
        var buffer = new byte[limit ?? DnsResponse.UdpSize];
        return Responder.Respond(query, buffer, limit) is var length && length > 0 ? buffer[..length] : null;
    }

    /// <summary>"CODE: TYPE data, …" of the answer section, read with the reader that upstreams' answers go through; "ask" where it is handed on.</summary>
    public string Ask(string name, ushort type)
    {
        var query = Query(name, type);
        return Ask(query) is { } answer ? Text(answer, query) : "ask";
    }

    public static string Text(byte[] message, byte[] query)
    {
        var answer = DnsAnswer.Read(message, query.AsSpan(0, query.Length))!;
        return $"{answer.Code}: {string.Join(", ", answer.Records.Select(Text))}".TrimEnd(' ');
    }

    private static string Text(ReadRecord record) => record.Type switch
    {
        RecordType.A or RecordType.AAAA => $"{new IPAddress(record.Data)}",
        RecordType.SRV => $"{record.Data[0] << 8 | record.Data[1]} {record.Data[2] << 8 | record.Data[3]} {record.Data[4] << 8 | record.Data[5]} {DnsName.Text(record.Data.AsSpan(6))}",
        RecordType.TXT => System.Text.Encoding.ASCII.GetString(record.Data, 1, record.Data.Length - 1),
        RecordType.SOA => "soa",
        _ => DnsName.Text(record.Data),
    };
}
