using System.Net;
using System.Net.Sockets;
using System.Text;
using KubeApi.Objects;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.ServiceProxy.HealthChecks;
using NodeAgent.ServiceProxy.Model;
using static KernelTests.ServiceProxy.ServiceNetwork;
using static KernelTests.ServiceProxy.TestServices;

namespace KernelTests.ServiceProxy;

/// <summary>Health checks by real HTTP, from outside, through the node's rules.</summary>
public class HealthCheckTests
{
    private const int Port = 30999;

    private static Service Balanced(string name = "web", string vip = Vip, int check = Port) => Service(name, vip) is var service ? service with
    {
        Spec = service.Spec! with { Type = "LoadBalancer", ExternalTrafficPolicy = "Local", HealthCheckNodePort = check, Ports = [service.Spec.Ports![0] with { NodePort = 30080 }] },
    } : null!;

    private static EndpointSlice Pods(params (string Address, bool Ready, bool Local)[] pods) => Slice("web", 80) with
    {
        Endpoints = [.. pods.Select(pod => new Endpoint
        {
            Addresses = [pod.Address], NodeName = pod.Local ? "node1" : "node2", Conditions = new() { Ready = pod.Ready, Serving = true, Terminating = !pod.Ready },
        })],
    };

    /// <summary>The whole answer; or why there is none.</summary>
    private static async Task<string> Get(TestSpace from, string address, int port, string path = "/")
    {
        using var socket = TestClient.Open(from, ProtocolType.Tcp);
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(address), port, cancel.Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: node\r\n\r\n"), SocketFlags.None, cancel.Token);
            var (text, buffer) = (new StringBuilder(), new byte[1024]);
            while (await socket.ReceiveAsync(buffer, SocketFlags.None, cancel.Token) is > 0 and var length) text.Append(Encoding.ASCII.GetString(buffer, 0, length));
            return text.ToString();
        }
        catch (SocketException error) { return error.SocketErrorCode.ToString(); }
        catch (OperationCanceledException) { return "no answer"; }
    }

    [Theory, MemberData(nameof(TrafficTests.Modes), MemberType = typeof(TrafficTests))]
    public async Task A_node_says_at_the_health_check_port_how_many_ready_endpoints_it_has(RuleMode mode)
    {
        await using var network = await Create(mode);
        await network.Outside.Ip("route add 192.168.56.11 via 203.0.113.1\n");
        // Such a firewall stands above nftables' tables; those of iptables' mode can let the checks in.
        if (mode != RuleMode.Nftables) await network.Iptables("", null, "-P", "INPUT", "DROP");
        await network.Iptables("", null, "-A", "INPUT", "-m", "conntrack", "--ctstate", "ESTABLISHED", "-j", "ACCEPT");
        var proxier = network.Start();
        using var checks = new HealthCheckNodePorts("node1", () => proxier.Healthy, (_, _) => { }, NullLogger.Instance, network.Node.Namespace);
        proxier.Synced += checks.Follow;
        async Task Answers(string status, int endpoints)
        {
            var wanted = $"{{\n\t\"service\": {{\n\t\t\"namespace\": \"default\",\n\t\t\"name\": \"web\"\n\t}},\n\t\"localEndpoints\": {endpoints},\n\t\"serviceProxyHealthy\": true\n}}";
            var answer = "";
            for (var i = 0; i < 20 && !(answer.StartsWith($"HTTP/1.1 {status}\r\n", StringComparison.Ordinal) && answer.EndsWith(wanted, StringComparison.Ordinal)); i++)
            {
                if (i > 0) await Task.Delay(100);
                answer = await Get(network.Outside, "192.168.56.11", Port);
            }
            Assert.StartsWith($"HTTP/1.1 {status}\r\n", answer);
            Assert.Contains($"\r\nX-Load-Balancing-Endpoint-Weight: {endpoints}\r\n", answer);
            Assert.EndsWith(wanted, answer);
        }

        await network.Update(proxier, [Balanced()], [Pods((PodAddress(0), true, true), (PodAddress(1), true, true), (RemotePod, true, false))]);
        await Answers("200 OK", 2);
        await network.Update(proxier, [Balanced()], [Pods((PodAddress(0), true, true), (RemotePod, true, false))]);
        await Answers("200 OK", 1);
        await network.Update(proxier, [Balanced()], [Pods((PodAddress(0), false, true), (RemotePod, true, false))]); // terminating: still serves, takes no new clients
        await Answers("503 Service Unavailable", 0);
        await network.Update(proxier, [Balanced()], [Pods((RemotePod, true, false))]);
        await Answers("503 Service Unavailable", 0);
        await network.Update(proxier, [Balanced() with { Spec = Balanced().Spec! with { ExternalTrafficPolicy = "Cluster", HealthCheckNodePort = null } }], []);
        await Eventually(async () => await Get(network.Pods[2], "10.244.1.1", Port) is "ConnectionRefused" or "no answer" ? null : "still open");
    }

    [Fact]
    public async Task A_port_in_use_is_said_once_and_opened_when_it_is_free_and_goes_from_service_to_service()
    {
        await using var network = await Create(RuleMode.IptablesNft);
        var table = new ServiceTable(Facts);
        var failures = new List<string>();
        using var checks = new HealthCheckNodePorts("node1", () => true, (service, message) => failures.Add($"{service}: {message}"), NullLogger.Instance, network.Node.Namespace);
        using (TestServer.Tcp(network.Node, Port))
        {
            table.Replace([Balanced()], [Pods((PodAddress(0), true, true))]);
            checks.Follow(table.Take(), table.Node);
            checks.Retry();
            Assert.True(checks.HasFailures);
            Assert.Equal(["default/web: node node1 failed to start healthcheck \"default/web\" on port 30999: Address already in use"], failures);
        }
        checks.Retry();
        Assert.False(checks.HasFailures);
        Assert.StartsWith("HTTP/1.1 200", await Get(network.Node, "127.0.0.1", Port));

        table.Replace([Balanced("api", OtherVip), Balanced(check: 30998)], []);
        checks.Follow(table.Take(), table.Node);
        Assert.Contains("\"name\": \"api\"", await Get(network.Node, "127.0.0.1", Port));
        Assert.Contains("\"name\": \"web\"", await Get(network.Node, "127.0.0.1", 30998));

        checks.Follow(TableChanges.None, Facts with { NodePortAddresses = [IPNetwork.Parse("203.0.113.0/24")] });
        Assert.Equal("ConnectionRefused", await Get(network.Node, "127.0.0.1", Port));
        Assert.StartsWith("HTTP/1.1 503", await Get(network.Outside, "203.0.113.1", Port));
        Assert.Single(failures);
    }

    [Fact]
    public async Task Bad_and_silent_clients_of_hundreds_of_ports_harm_nobody()
    {
        await using var network = await Create(RuleMode.IptablesNft);
        var table = new ServiceTable(Facts);
        using var checks = new HealthCheckNodePorts("node1", () => true, (_, message) => Assert.Fail(message), NullLogger.Instance, network.Node.Namespace);
        table.Replace([.. Enumerable.Range(0, 400).Select(i => Balanced($"s{i}", $"10.96.{1 + i / 200}.{1 + i % 200}", 31000 + i))], []);
        checks.Follow(table.Take(), table.Node);
        var silent = Enumerable.Range(0, 20).Select(_ => TestClient.Open(network.Node, ProtocolType.Tcp)).ToList();
        foreach (var client in silent) await client.ConnectAsync(IPAddress.Loopback, 31000);
        Assert.StartsWith("HTTP/1.1 400", await Get(network.Node, "127.0.0.1", 31001, "no path"));
        Assert.True(await Get(network.Node, "127.0.0.1", 31001, "/" + new string('x', 5000)) is "" or "ConnectionReset"); // hung up on
        for (var i = 0; i < 400; i += 7) Assert.Contains($"\"name\": \"s{i}\"", await Get(network.Node, "127.0.0.1", 31000 + i, "/any?path"));
        silent.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task The_proxy_says_that_it_is_well_until_its_node_is_about_to_go()
    {
        await using var network = await Create(RuleMode.IptablesNft);
        Node? node = null;
        var healthy = true;
        var health = new ProxyHealth(() => healthy, () => node);
        using var port = HealthPort.Listen(new(IPAddress.Any, 10256), health.Answer, network.Node.Namespace);
        async Task Answers(string healthz, string livez, bool eligible)
        {
            var answer = await Get(network.Outside, "203.0.113.1", 10256, "/healthz");
            Assert.StartsWith($"HTTP/1.1 {healthz} ", answer);
            Assert.Matches($"\\{{\"lastUpdated\": \"[^\"]+ \\+0000 UTC\",\"currentTime\": \"[^\"]+ \\+0000 UTC\", \"nodeEligible\": {(eligible ? "true" : "false")}}}$", answer);
            answer = await Get(network.Outside, "203.0.113.1", 10256, "/livez");
            Assert.StartsWith($"HTTP/1.1 {livez} ", answer);
            Assert.Matches("\\{\"lastUpdated\": \"[^\"]+\",\"currentTime\": \"[^\"]+\"\\}$", answer);
        }
        await Answers("200", "200", true); // the node is not known yet
        node = new Node { Metadata = new() { Name = "node1" } };
        await Answers("200", "200", true);
        healthy = false;
        await Answers("503", "503", true);
        healthy = true;
        node = node with { Spec = new() { Taints = [new() { Key = "ToBeDeletedByClusterAutoscaler", Effect = "NoSchedule" }] } };
        await Answers("503", "200", false);
        node = node with { Spec = new() };
        await Answers("200", "200", true);
        node = node with { Metadata = new() { Name = "node1", DeletionTimestamp = DateTime.UtcNow } };
        await Answers("503", "200", false);
        node = null;
        await Answers("503", "200", false);
        Assert.StartsWith("HTTP/1.1 404 ", await Get(network.Outside, "203.0.113.1", 10256, "/metrics"));
    }
}
