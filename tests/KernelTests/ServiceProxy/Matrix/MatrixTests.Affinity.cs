using System.Diagnostics;
using KubeApi.Objects;
using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>sessionAffinity: ClientIP.</summary>
public abstract partial class MatrixTests
{
    private static readonly IReadOnlyList<Server> FourPods = [.. Server.All.Where(server => server.Node is not null)];

    private static Service Sticky(ExtraService service, int seconds, string externalPolicy = "Cluster") => service.ToObject() is var plain ? plain with
    {
        Spec = plain.Spec! with { SessionAffinity = "ClientIP", SessionAffinityConfig = new() { ClientIP = new() { TimeoutSeconds = seconds } }, ExternalTrafficPolicy = externalPolicy },
    } : throw new UnreachableException();

    /// <summary>Which server each of forty clients outside gets.</summary>
    private async Task<IReadOnlyList<string>> Servers(string protocol, string address, int port) =>
        [.. (await Ask(MatrixWorld.Crowd.Select(client => new Question(fixture.World.Outside, client, protocol, address, port)))).Select(answer => answer.Split(' ')[0])];

    [Theory]
    [InlineData("Cluster", "pod1a:9801 pod1b:9801 pod2a:9801 pod2b:9801")]
    [InlineData("Local", "pod1a:9801 pod1b:9801")] // all of the crowd come by node 1
    public async Task A_client_comes_back_to_its_endpoint_by_whichever_way(string externalPolicy, string servers)
    {
        var extra = new ExtraService(1);
        var (service, slice) = (Sticky(extra, 10800, externalPolicy), extra.ToSlice(9801, FourPods));
        await Put(service, slice);
        foreach (var protocol in MatrixService.Protocols)
        {
            var first = await Servers(protocol, extra.ExternalIP, 80);
            Assert.Equal(servers, string.Join(' ', first.Distinct().Order()));
            Assert.Equal(first, await Servers(protocol, extra.ExternalIP, 80));
            Assert.Equal(first, await Servers(protocol, extra.LoadBalancerIP, 80));
            Assert.Equal(first, await Servers(protocol, AddressPlan.Node(1), extra.NodePort));
            if (externalPolicy == "Cluster") Assert.Equal(first, await Servers(protocol, extra.ClusterIP, 80));
        }
        foreach (var client in (TestSpace[])[fixture.World.ClientPod(1), fixture.World.Node(1), fixture.World.SpaceOf(Server.Pod(1))])
        {
            // One by itself: what begins at the same moment on two processors is not remembered yet.
            var server = await Ask(client, "tcp", extra.ClusterIP, 80);
            Assert.All(await Ask(Enumerable.Repeat(new Question(client, null, "tcp", extra.ClusterIP, 80), 12)), answer => Assert.Equal(server, answer));
        }
        await Remove(service, slice);
    }

    [Fact]
    public async Task Who_loses_an_endpoint_gets_another_and_all_others_keep_theirs()
    {
        var extra = new ExtraService(2);
        var (service, slice) = (Sticky(extra, 10800), extra.ToSlice(9801, FourPods));
        await Put(service, slice);
        var before = await Servers("tcp", extra.ClusterIP, 80);
        await Put(service, extra.ToSlice(9801, FourPods.Where(server => server.Name != "pod2a")));
        var after = await Servers("tcp", extra.ClusterIP, 80);
        Assert.Contains("pod2a:9801", before);
        Assert.DoesNotContain("pod2a:9801", after);
        Assert.All(before.Zip(after), pair => Assert.True(pair.First == pair.Second || pair.First == "pod2a:9801", $"{pair}"));
        await Put(service, slice);
        Assert.Equal(after, await Servers("tcp", extra.ClusterIP, 80));
        await Remove(service, slice);
    }

    [Fact]
    public async Task Affinity_is_refreshed_by_connections_and_ends_some_time_after_the_last()
    {
        const int seconds = 3;
        var extra = new ExtraService(3);
        var service = Sticky(extra, seconds);
        IReadOnlyList<string> first = [];
        for (var attempt = 0; attempt < 10; attempt++)
        {
            await Put(service, extra.ToSlice(9801, FourPods.Take(3)));
            first = await Servers("tcp", extra.ClusterIP, 80);
            await Put(service, extra.ToSlice(9801, FourPods)); // a fourth, for those who come without memory
            var inTime = true;
            for (var i = 0; i < 2 && inTime; i++) // together longer than the time-out
            {
                var since = Stopwatch.StartNew();
                await Task.Delay(TimeSpan.FromSeconds(seconds - 1));
                var again = await Servers("tcp", extra.ClusterIP, 80);
                inTime = since.Elapsed < TimeSpan.FromSeconds(seconds - 0.1); // else this machine was too slow for a judgement
                if (inTime) Assert.Equal(first, again);
            }
            if (inTime) break;
        }
        await Task.Delay(TimeSpan.FromSeconds(seconds + 1));
        Assert.Contains("pod2b:9801", await Servers("tcp", extra.ClusterIP, 80));
        await Remove(service, extra.ToSlice(9801, FourPods));
    }
}
