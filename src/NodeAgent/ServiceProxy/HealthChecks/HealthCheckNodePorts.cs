using System.Net;
using System.Net.Sockets;
using Linux;
using Microsoft.Extensions.Logging;
using NodeAgent.ServiceProxy.Model;

namespace NodeAgent.ServiceProxy.HealthChecks;

/// <summary>
/// Answers at the health-check node port of each Service that has one (type LoadBalancer, externalTrafficPolicy Local): a load balancer
/// outside learns there whether this node has a ready endpoint, and how many.
/// </summary>
/// <param name="proxyHealthy">Whether the node's rules are up to date.</param>
/// <param name="failed">Told of a port that cannot be opened: namespace/name of the Service and kube-proxy's words.</param>
internal sealed class HealthCheckNodePorts(string node, Func<bool> proxyHealthy, Action<string, string> failed, ILogger log, NetworkNamespace? inside = null) : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    private readonly Lock gate = new();
    private readonly Dictionary<string, ServiceCheck> checks = [];
    private readonly NetworkNamespace space = inside ?? NetworkNamespace.Current;
    private IReadOnlyList<IPNetwork> nodePortAddresses = [];

    /// <summary>A port could not be opened: <see cref="Retry"/> later.</summary>
    public bool HasFailures { get; private set; }

    /// <summary>To be called when the rules are in the kernel: then a node that says that it serves does.</summary>
    public void Follow(TableChanges changes, NodeFacts facts)
    {
        lock (gate)
        {
            if (!facts.NodePortAddresses.SequenceEqual(nodePortAddresses))
            {
                nodePortAddresses = facts.NodePortAddresses;
                foreach (var check in checks.Values) check.Close();
            }
            else if (changes.Services.Count == 0) return;
            // A port may go from one Service to another: first closed, then opened.
            foreach (var change in changes.Services) Take(change.Service, change.After);
            Open();
        }
    }

    /// <summary>Tries again to open what could not be opened.</summary>
    public void Retry()
    {
        lock (gate) Open();
    }

    private void Take(string service, IReadOnlyList<ProxiedPort> ports)
    {
        var port = ports.Select(one => one.HealthCheckNodePort).FirstOrDefault(number => number is not null);
        if (checks.TryGetValue(service, out var check) && check.Port != port)
        {
            check.Close();
            checks.Remove(service);
            check = null;
        }
        if (port is null) return;
        if (check is null) checks[service] = check = new(service, port.Value);
        check.LocalEndpoints = ports.SelectMany(one => one.LocalEndpoints).Where(endpoint => endpoint.Ready).Select(endpoint => endpoint.Address).Distinct().Count();
    }

    private void Open()
    {
        HasFailures = false;
        IReadOnlyList<IPAddress>? addresses = null;
        foreach (var check in checks.Values.Where(check => check.Listeners.Count == 0))
        {
            var error = TryOpen(check, addresses ??= ListenAddresses());
            // A program that is being started has all our files for a moment, also one that was just closed.
            for (var attempt = 0; error?.SocketErrorCode == SocketError.AddressAlreadyInUse && !check.Failed && attempt < 3; attempt++)
            {
                Thread.Sleep(Moment);
                error = TryOpen(check, addresses);
            }
            HasFailures |= error is not null;
            if (error is not null && !check.Failed) Tell(check, error);
            check.Failed = error is not null;
        }
    }

    private SocketException? TryOpen(ServiceCheck check, IReadOnlyList<IPAddress> addresses)
    {
        try
        {
            foreach (var address in addresses) check.Listeners.Add(HealthPort.Listen(new(address, check.Port), _ => check.Answer(proxyHealthy()), space));
            return null;
        }
        catch (SocketException error)
        {
            check.Close();
            return error;
        }
    }

    private void Tell(ServiceCheck check, SocketException error)
    {
        var message = $"node {node} failed to start healthcheck \"{check.Service}\" on port {check.Port}: {error.Message}";
        log.HealthCheckFailed(message);
        failed(check.Service, message);
    }

    private IReadOnlyList<IPAddress> ListenAddresses()
    {
        if (nodePortAddresses.Count == 0) return [IPAddress.Any];
        using var socket = NetlinkSocket.OpenIn(space);
        return [.. Addresses.List(socket).Select(address => address.Address).Where(address => nodePortAddresses.Any(network => network.Contains(address))).Distinct()];
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var check in checks.Values) check.Close();
            checks.Clear();
        }
    }

    /// <param name="Service">namespace/name.</param>
    private sealed record ServiceCheck(string Service, int Port)
    {
        public volatile int LocalEndpoints;
        public bool Failed;
        public List<HealthPort> Listeners { get; } = [];

        public HealthAnswer Answer(bool proxyHealthy) => HealthAnswer.OfService(Service.Split('/')[0], Service.Split('/')[1], LocalEndpoints, proxyHealthy);

        public void Close()
        {
            foreach (var listener in Listeners) listener.Dispose();
            Listeners.Clear();
        }
    }
}
