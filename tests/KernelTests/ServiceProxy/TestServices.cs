using KubeApi.Objects;

namespace KernelTests.ServiceProxy;

/// <summary>API objects for the tests.</summary>
internal static class TestServices
{
    public static Service Service(string name, string clusterIP, string protocol = "TCP", int port = 80) => new()
    {
        Metadata = new() { Name = name, Namespace = "default", ResourceVersion = "1" },
        Spec = new() { Type = "ClusterIP", ClusterIP = clusterIP, Ports = [new() { Port = port, Protocol = protocol }] },
    };

    /// <summary>All pods ready, listening on one port.</summary>
    public static EndpointSlice Slice(string service, int port, params string[] pods) => Slice(service, "TCP", port, pods);

    public static EndpointSlice Slice(string service, string protocol, int port, params string[] pods) => new()
    {
        Metadata = new()
        {
            Name = $"{service}-abc12", Namespace = "default", ResourceVersion = "2",
            Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service },
        },
        AddressType = "IPv4", Ports = [new() { Name = "", Protocol = protocol, Port = port }],
        Endpoints = [.. pods.Select(pod => new Endpoint { Addresses = [pod], Conditions = new() { Ready = true } })],
    };
}
