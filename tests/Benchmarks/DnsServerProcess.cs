using System.Net;
using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.Dns;

namespace Benchmarks;

/// <summary>The node's name server with made-up Services, as a process of its own, so that it can be held on one core like its peer.</summary>
internal static class DnsServerProcess
{
    public const string Argument = "--dns-server", Address = "10.96.0.10";

    public static string Name(int i) => $"service-{i}.default.svc.cluster.local";

    public static IPAddress AddressOf(int i) => new([10, 96, (byte)(1 + i / 250), (byte)(1 + i % 250)]);

    /// <summary>Until it is ended.</summary>
    public static void Serve(int services)
    {
        var server = new DnsServer(new DnsConfig(IPAddress.Parse(Address), "cluster.local", [IPNetwork.Parse("10.96.0.0/16")], NullLogger.Instance));
        server.Names.Replace([.. Enumerable.Range(0, services).Select(i => new Service
        {
            Metadata = new ObjectMeta { Name = $"service-{i}", Namespace = "default" }, Spec = new ServiceSpec { ClusterIP = $"{AddressOf(i)}" },
        })], []);
        server.Run(Task.CompletedTask, CancellationToken.None).GetAwaiter().GetResult();
    }
}
