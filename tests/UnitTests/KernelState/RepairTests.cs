using KubeApi;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.KernelState;

namespace UnitTests.KernelState;

public class RepairTests
{
    private static readonly KernelChange Rule = new(ChangeAction.Add, new("rule", "-A NA-SVC-X -j DNAT", "Service default/my-nginx (generation 1, resourceVersion 7)"));
    private static readonly KernelChange Sysctl = new(ChangeAction.Change, new("sysctl", "net/ipv4/ip_forward = 1", "Node node1"));
    private static readonly KernelChange Surplus = new(ChangeAction.Delete, new("rule", "-A NA-SERVICES -j ACCEPT", "no object"));
    private static readonly DateTime Now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_repair_says_what_was_done_to_what_by_whom_and_what_became_of_it()
    {
        Assert.Equal("rule -A NA-SVC-X -j DNAT (Service default/my-nginx) was deleted by iptables[1234]; restored", RepairText.Of([Rule], "iptables[1234]"));
        Assert.Equal("sysctl net/ipv4/ip_forward = 1 (Node node1) was changed; set back", RepairText.Of([Sysctl], null));
        Assert.Equal("rule -A NA-SERVICES -j ACCEPT (no object) was added by nft[7]; removed", RepairText.Of([Surplus], "nft[7]"));
    }

    [Fact]
    public void A_long_list_is_cut_and_counted_and_fits_an_event()
    {
        var many = Enumerable.Range(0, 500).Select(i => Rule with { Entry = Rule.Entry with { Text = $"-A NA-SVC-{i} {new string('x', 400)}" } }).ToList();
        var text = RepairText.Of(many, "nft[7]");
        Assert.StartsWith("500 entries were altered by nft[7] and are restored: rule -A NA-SVC-0 ", text);
        Assert.EndsWith("; and 497 more", text);
        Assert.InRange(text.Length, 1, 1024);
    }

    [Fact]
    public void A_fight_gets_slower_and_slower_and_a_single_repair_waits_for_nothing()
    {
        var pace = new RepairPace();
        var pauses = Enumerable.Range(0, 12).Select(i => pace.After([Rule], Now.AddSeconds(i)).Pause.TotalSeconds).ToList();
        Assert.Equal([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 20, 20], pauses);
        Assert.Equal(TimeSpan.Zero, pace.After([Sysctl], Now.AddSeconds(12)).Pause);
        Assert.Equal((TimeSpan.Zero, 1), pace.After([Rule], Now.AddSeconds(100)));
    }

    [Fact]
    public void A_fight_is_said()
    {
        var events = new List<(string Type, string Reason, string Message)>();
        var repairs = new Repairs((type, reason, message) => events.Add((type, reason, message)), NullLogger.Instance);
        for (var i = 0; i < 5; i++) Assert.Equal(TimeSpan.Zero, repairs.Done([Rule], "nft[7]"));
        Assert.All(events, told => Assert.Equal(("Warning", "KernelStateRepaired"), (told.Type, told.Reason)));
        Assert.True(repairs.Done([Rule], "nft[8]") > TimeSpan.Zero);
        Assert.Equal("KernelStateContested", events[^1].Reason);
        Assert.StartsWith("altered 6 times within a minute, lastly by nft[8]", events[^1].Message);
        Assert.Equal(TimeSpan.Zero, repairs.Done([], null));
    }
}
