using Xunit;

namespace UnitTests.Scheduler;

public class TopologySpreadTests
{
    private static string Spread(string key, string more = "", string when = "DoNotSchedule", int skew = 1, string selector = "labelSelector: {matchLabels: {app: web}}") =>
        $"topologySpreadConstraints: [{{maxSkew: {skew}, topologyKey: {key}, whenUnsatisfiable: {when}, {selector}{(more.Length > 0 ? ", " + more : "")}}}]";

    [Fact]
    public void Domains_fill_evenly()
    {
        var scenario = new SchedulingScenario().Zones("a1", "a2", "b1");
        var zones = Enumerable.Range(0, 8).Select(_ => scenario.Where("app: web", Spread("zone"))![..1]).ToList();
        Assert.Equal(4, zones.Count(zone => zone == "a"));
        for (var i = 0; i < 8; i += 2) Assert.NotEqual(zones[i], zones[i + 1]);
    }

    [Fact]
    public void A_domain_that_cannot_take_more_holds_the_others_back()
    {
        var scenario = new SchedulingScenario().Zones("a1", "b1");
        scenario.Place("a1", "app: web");
        Assert.Equal("b1", scenario.Where("app: web", Spread("zone")));
        scenario.Place("a1", "app: web");
        scenario.Cache.NodeChanged(null, Controllers.TestObjects.Node("b1", labels: ["zone=b"], pods: 1));
        Assert.Equal("0/2 nodes are available: 1 Too many pods, 1 node(s) didn't match pod topology spread constraints.", scenario.WhyNot("app: web", Spread("zone")));
        Assert.Equal("a1", scenario.Where("app: web", Spread("zone", skew: 2)));
    }

    [Fact]
    public void A_node_without_the_label_is_no_domain_and_says_so()
    {
        var scenario = new SchedulingScenario().Zones("a1").Node("x");
        scenario.Place("a1", "app: web");
        Assert.Equal("a1", scenario.Where("app: web", Spread("zone")));
        Assert.Equal("0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) didn't match pod topology spread constraints (missing required label).",
            scenario.WhyNot("app: web", Spread("zone") + ", nodeSelector: {kubernetes.io/hostname: x}"));
    }

    [Fact]
    public void Too_few_domains_count_as_empty_ones()
    {
        var scenario = new SchedulingScenario().Zones("a1", "b1");
        Assert.NotNull(scenario.Where("app: web", Spread("zone", "minDomains: 3")));
        Assert.NotNull(scenario.Where("app: web", Spread("zone", "minDomains: 3")));
        Assert.Equal("0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.", scenario.WhyNot("app: web", Spread("zone", "minDomains: 3")));
        Assert.NotNull(scenario.Where("app: web", Spread("zone", "minDomains: 2")));
    }

    [Fact]
    public void Nodes_that_the_pod_cannot_use_make_up_domains_only_if_it_says_so()
    {
        var scenario = new SchedulingScenario().Node("a1", "zone=a", "disk=ssd").Node("b1", "zone=b");
        scenario.Place("a1", "app: web");
        Assert.Equal("a1", scenario.Where("app: web", Spread("zone") + ", nodeSelector: {disk: ssd}"));
        Assert.Null(scenario.Where("app: web", Spread("zone", "nodeAffinityPolicy: Ignore") + ", nodeSelector: {disk: ssd}"));

        scenario.Cache.NodeChanged(null, Controllers.TestObjects.Node("b1", labels: ["zone=b"], taints: [new() { Key = "k", Effect = "NoSchedule" }]));
        Assert.Null(scenario.Where("app: web", Spread("zone")));
        Assert.Equal("a1", scenario.Where("app: web", Spread("zone", "nodeTaintsPolicy: Honor")));
    }

    [Fact]
    public void Pods_of_other_namespaces_pods_that_end_and_those_that_do_not_match_do_not_count()
    {
        var scenario = new SchedulingScenario().Zones("a1", "b1");
        scenario.Place("a1", "app: web", ns: "other");
        scenario.Place("a1", "app: db");
        var ending = scenario.Place("a1", "app: web");
        scenario.Cache.PodChanged(ending, ending with { Metadata = ending.Metadata with { DeletionTimestamp = DateTime.UtcNow } });
        scenario.Place("b1", "app: web");
        Assert.Equal("a1", scenario.Where("app: web", Spread("zone")));
        var relabelled = scenario.Place("a1", "app: web");
        var only = Spread("zone", "nodeAffinityPolicy: Ignore") + ", nodeSelector: {zone: a}";
        Assert.Null(scenario.Where("app: web", only));
        scenario.Cache.PodChanged(relabelled, relabelled with { Metadata = relabelled.Metadata with { Labels = new Dictionary<string, string>() } });
        Assert.Equal("a1", scenario.Where("app: web", only));
    }

    [Fact]
    public void Match_label_keys_tell_revisions_apart()
    {
        var scenario = new SchedulingScenario().Zones("a1", "b1");
        scenario.Place("a1", "app: web, rev: '1'");
        scenario.Place("a1", "app: web, rev: '1'");
        Assert.Equal("b1", scenario.Where("app: web, rev: '2'", Spread("zone", "matchLabelKeys: [rev]")));
        Assert.Equal("a1", scenario.Where("app: web, rev: '2'", Spread("zone", "matchLabelKeys: [rev]")));
        Assert.Equal("b1", scenario.Where("app: web, rev: '2'", Spread("zone")));
    }

    [Fact]
    public void A_constraint_whose_selector_does_not_name_the_pod_does_not_count_it()
    {
        var scenario = new SchedulingScenario().Zones("a1", "b1");
        scenario.Place("a1", "app: web");
        Assert.NotNull(scenario.Where("app: other", Spread("zone") + ", nodeSelector: {zone: a}"));
    }

    [Fact]
    public void A_wish_is_followed_where_it_can_be_and_never_keeps_a_pod_waiting()
    {
        var scenario = new SchedulingScenario().Zones("a1", "a2", "b1");
        scenario.Place("a1", "app: web");
        Assert.Equal("b1", scenario.Where("app: web", Spread("zone", when: "ScheduleAnyway")));
        scenario.Cache.NodeChanged(null, Controllers.TestObjects.Node("b1", labels: ["zone=b"], unschedulable: true));
        Assert.StartsWith("a", scenario.Where("app: web", Spread("zone", when: "ScheduleAnyway")));
    }
}
