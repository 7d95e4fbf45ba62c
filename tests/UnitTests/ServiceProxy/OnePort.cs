using System.Net;
using NodeAgent.ServiceProxy.Model;

namespace UnitTests.ServiceProxy;

/// <summary>One port of one Service, default/s:http, with a frontend of each kind and endpoints on this node (10.244.1.2) and on another (10.244.2.2).</summary>
internal static class OnePort
{
    public static readonly Origin Slice1 = new("EndpointSlice", "default/s-abc12", "1");

    public static readonly ServiceEndpoint Here = new(IPAddress.Parse("10.244.1.2"), 8080, true, false, true, Slice1), There = new(IPAddress.Parse("10.244.2.2"), 8080, true, false, false, Slice1);

    public static readonly Frontend
        ClusterIP = new(FrontendKind.ClusterIP, IPAddress.Parse("10.96.0.17"), 80), NodePort = new(FrontendKind.NodePort, null, 30080),
        ExternalIP = new(FrontendKind.ExternalIP, IPAddress.Parse("198.51.100.1"), 80), LoadBalancer = new(FrontendKind.LoadBalancer, IPAddress.Parse("192.0.2.1"), 80);

    public static ProxiedPort Of(Frontend[] frontends, params ServiceEndpoint[] endpoints) => new()
    {
        Origin = new("Service", "default/s", "1"), Label = "default/s:http", Protocol = "tcp", Frontends = frontends,
        Cluster = endpoints, LocalEndpoints = [.. endpoints.Where(endpoint => endpoint.Local)], Serving = endpoints,
    };
}
