using System.Text.Json.Nodes;
using Xunit;
using Xunit.Abstractions;

namespace UnitTests.ApiServer;

/// <summary>Whatever happens to Services, an address belongs to a stored one or is free.</summary>
public sealed class AddressPropertyTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Services = "/api/v1/namespaces/default/services", MergePatch = "application/merge-patch+json";
    private const int Choices = 8, Steps = 600;

    private readonly TestServer server = new();
    private readonly int seed = Random.Shared.Next();

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task No_address_is_lost_and_none_is_given_twice()
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var refused = 0;
        for (var i = 0; i < Steps; i++)
        {
            using var response = await Step(random);
            Assert.True((int)response.StatusCode < 500, await response.Content.ReadAsStringAsync());
            if (!response.IsSuccessStatusCode) refused++;
        }
        Assert.InRange(refused, 1, Steps - 1);
        var stored = (await server.Expect(200, HttpMethod.Get, Services))["items"]!.AsArray();
        var addresses = stored.Select(service => (string?)service!["spec"]!["clusterIP"]).Where(ip => ip is not null and not "None").ToList();
        var nodePorts = stored.SelectMany(service => service!["spec"]!["ports"]?.AsArray() ?? []).Select(port => (int?)port!["nodePort"]).Where(port => port is not null).ToList();
        Assert.Equal(addresses.Distinct(), addresses);
        Assert.Equal(nodePorts.Distinct(), nodePorts);
        for (var choice = 0; choice < Choices; choice++)
        {
            await Probe(Spec("ClusterIP", Address(choice), null), addresses.Contains(Address(choice)));
            await Probe(Spec("NodePort", null, Port(choice)), nodePorts.Contains(Port(choice)));
        }
    }

    /// <summary>What is taken is refused, what is free can be had.</summary>
    private async Task Probe(string spec, bool taken)
    {
        using var response = await server.Send(HttpMethod.Post, $"{Services}?dryRun=All", $$"""{"metadata":{"name":"probe"},"spec":{{spec}}}""");
        Assert.True((taken ? 422 : 201) == (int)response.StatusCode, $"{spec}: {await response.Content.ReadAsStringAsync()}");
    }

    private Task<HttpResponseMessage> Step(Random random)
    {
        var name = $"s{random.Next(6)}";
        var dryRun = random.Next(5) == 0 ? "?dryRun=All" : "";
        var spec = Spec(random.GetItems(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"], 1)[0],
            random.Next(3) switch { 0 => Address(random.Next(Choices)), 1 when random.Next(4) == 0 => "None", _ => null },
            random.Next(2) == 0 ? Port(random.Next(Choices)) : null, broken: random.Next(5) == 0);
        return random.Next(5) switch
        {
            0 => server.Send(HttpMethod.Delete, $"{Services}/{name}{dryRun}"),
            1 => server.Send(HttpMethod.Put, $"{Services}/{name}{dryRun}", $$"""{"metadata":{"name":"{{name}}"},"spec":{{spec}}}"""),
            2 => server.Send(HttpMethod.Patch, $"{Services}/{name}{dryRun}", $$"""{"spec":{{spec}}}""", MergePatch),
            _ => server.Send(HttpMethod.Post, Services + dryRun, $$"""{"metadata":{"name":"{{name}}"},"spec":{{spec}}}"""),
        };
    }

    private static string Spec(string type, string? clusterIP, int? nodePort, bool broken = false)
    {
        var port = new JsonObject { ["port"] = broken ? 0 : 80 };
        if (nodePort is not null) port["nodePort"] = nodePort;
        var spec = new JsonObject { ["type"] = type, ["ports"] = new JsonArray(port) };
        if (clusterIP is not null) spec["clusterIP"] = clusterIP;
        if (type == "ExternalName") spec["externalName"] = "example.com";
        return spec.ToJsonString();
    }

    private static string Address(int choice) => $"10.96.200.{choice + 1}";

    private static int Port(int choice) => 31000 + choice;
}
