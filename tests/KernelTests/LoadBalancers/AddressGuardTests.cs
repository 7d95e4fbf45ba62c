using System.Diagnostics;
using System.Net;
using KernelTests.ServiceProxy;
using Linux;
using NodeAgent.LoadBalancers;

namespace KernelTests.LoadBalancers;

/// <summary>What happens to a node's addresses when its agent is killed or stuck.</summary>
public sealed class AddressGuardTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3), Bound = TimeSpan.FromSeconds(60);

    private readonly string directory = Directory.CreateTempSubdirectory("address-guard-").FullName;
    private readonly TestSpace node;

    public AddressGuardTests() => node = new TestSpace(directory, "node");

    private string Record => Path.Combine(directory, "agent.pid");

    [Fact]
    public async Task The_addresses_of_an_agent_that_is_stuck_are_taken_away_and_of_one_that_is_well_are_not()
    {
        var guard = await Begin();
        for (var began = Stopwatch.StartNew(); began.Elapsed < 3 * Patience; await Task.Delay(50)) guard.Beat();
        Assert.Single(LinkAddresses.Find(node.Namespace));
        await UntilNoneIsLeft();
        Assert.Contains("192.0.2.1/24", await node.Run("ip", ["-o", "address"])); // the machine's own stays

        // It goes on: there is a guard again.
        Add();
        guard.Beat();
        await UntilNoneIsLeft();
    }

    [Fact]
    public async Task A_later_agent_keeps_them()
    {
        var guard = await Begin();
        guard.Beat();
        await File.WriteAllTextAsync(Record, "1"); // a later agent's
        await Task.Delay(3 * Patience); // what must not happen can only be waited for
        Assert.Single(LinkAddresses.Find(node.Namespace));
    }

    private async Task<AddressGuard> Begin()
    {
        await node.Ip("link add eth0 type veth peer name other\nlink set eth0 up\naddress add 192.0.2.1/24 dev eth0\n");
        Add();
        var guard = new AddressGuard(node.Namespace, Record, Patience);
        guard.Own();
        return guard;
    }

    private void Add()
    {
        using var socket = NetlinkSocket.OpenIn(node.Namespace);
        LinkAddresses.Add(socket, Links.List(socket).Single(link => link.Name == "eth0"), [IPAddress.Parse("192.0.2.200")]);
    }

    private async Task UntilNoneIsLeft()
    {
        for (var began = Stopwatch.StartNew(); LinkAddresses.Find(node.Namespace).Count > 0; await Task.Delay(20)) Assert.True(began.Elapsed < Bound, "the addresses are still there");
    }

    public void Dispose()
    {
        node.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
