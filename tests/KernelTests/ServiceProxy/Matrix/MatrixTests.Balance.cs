using ServiceMatrix;

namespace KernelTests.ServiceProxy.Matrix;

/// <summary>Connections are spread evenly and independently.</summary>
public abstract partial class MatrixTests
{
    /// <summary>What chi-square exceeds once in ten million times, by degrees of freedom: 2, 4, 11.</summary>
    private static readonly IReadOnlyDictionary<int, double> Limits = new Dictionary<int, double> { [2] = 32.24, [4] = 38.87, [11] = 55.19 };

    [Theory]
    [InlineData("tcp", 3)]
    [InlineData("udp", 5)]
    [InlineData("sctp", 3)]
    [InlineData("tcp", 12)]
    public async Task Each_endpoint_gets_its_share(string protocol, int endpoints)
    {
        var extra = new ExtraService(4);
        var all = ExtraService.TargetPorts.SelectMany(port => FourPods.Select(pod => (Port: port, Pod: pod))).Take(endpoints).ToList();
        var slices = all.GroupBy(endpoint => endpoint.Port).Select(port => extra.ToSlice(port.Key, port.Select(endpoint => endpoint.Pod))).ToArray();
        await Put(extra.ToObject(), slices);
        foreach (var question in (Question[])
            [new(fixture.World.ClientPod(1), null, protocol, extra.ClusterIP, 80), new(fixture.World.Outside, AddressPlan.Outside(2), protocol, AddressPlan.Node(2), extra.NodePort)])
        {
            var answers = (await Ask(Enumerable.Repeat(question, 200 * endpoints))).Select(answer => answer.Split(' ')[0]).ToList();
            var shares = answers.GroupBy(answer => answer).ToDictionary(same => same.Key, same => same.Count());
            Assert.Equal(all.Select(endpoint => $"{endpoint.Pod.Name}:{endpoint.Port}").Order(), shares.Keys.Order());
            Assert.InRange(shares.Values.Sum(share => Math.Pow(share - 200, 2) / 200), 0, Limits[endpoints - 1]);
        }
        await Remove(extra.ToObject(), slices);
    }
}
