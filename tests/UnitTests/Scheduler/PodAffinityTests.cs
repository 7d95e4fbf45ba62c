using Xunit;

namespace UnitTests.Scheduler;

public class PodAffinityTests
{
    private static string Term(string app, string key = "zone", string more = "") =>
        $"{{labelSelector: {{matchLabels: {{app: {app}}}}}, topologyKey: {key}{(more.Length > 0 ? ", " + more : "")}}}";

    private static string Near(params string[] terms) => $"affinity: {{podAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{string.Join(", ", terms)}]}}}}";

    private static string Away(params string[] terms) => $"affinity: {{podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{string.Join(", ", terms)}]}}}}";

    private static string Prefer(string kind, string term, int weight = 10) => $"affinity: {{{kind}: {{preferredDuringSchedulingIgnoredDuringExecution: [{{weight: {weight}, podAffinityTerm: {term}}}]}}}}";

    private const string NotNear = "0/3 nodes are available: 3 node(s) didn't match pod affinity rules.";

    private static SchedulingScenario Three() => new SchedulingScenario().Zones("a1", "a2", "b1");

    [Fact]
    public void A_pod_goes_where_those_it_needs_are()
    {
        var scenario = Three();
        Assert.Equal(NotNear, scenario.WhyNot("app: web", Near(Term("db"))));
        scenario.Place("b1", "app: db");
        Assert.Equal("b1", scenario.Where("app: web", Near(Term("db"))));
        Assert.Equal("b1", scenario.Where("app: web", Near(Term("db", "kubernetes.io/hostname"))));
    }

    [Fact]
    public void All_terms_must_hold_and_one_pod_must_satisfy_them_all()
    {
        var scenario = Three();
        scenario.Place("a1", "app: db");
        scenario.Place("a2", "app: db, tier: gold");
        var gold = "{labelSelector: {matchLabels: {tier: gold}}, topologyKey: kubernetes.io/hostname}";
        Assert.Equal("a2", scenario.Where("app: web", Near(Term("db"), gold)));
        Assert.Equal(NotNear, scenario.WhyNot("app: web", Near(Term("db"), "{labelSelector: {matchLabels: {tier: silver}}, topologyKey: zone}")));
    }

    [Fact]
    public void The_first_of_a_group_that_wants_to_be_together_may_begin_anywhere()
    {
        var scenario = Three();
        var first = scenario.Where("app: web", Near(Term("web")))!;
        for (var i = 0; i < 4; i++) Assert.Equal(first[..1], scenario.Where("app: web", Near(Term("web")))![..1]);
        Assert.Equal("0/1 nodes are available: 1 node(s) didn't match pod affinity rules.", new SchedulingScenario().Node("x").WhyNot("app: web", Near(Term("web"))));
    }

    [Fact]
    public void Anti_affinity_gives_each_domain_one_pod()
    {
        var scenario = Three();
        var zones = new[] { scenario.Where("app: web", Away(Term("web")))![..1], scenario.Where("app: web", Away(Term("web")))![..1] };
        Assert.Equal(["a", "b"], zones.Order());
        Assert.Equal("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.", scenario.WhyNot("app: web", Away(Term("web"))));
    }

    [Fact]
    public void Pods_that_are_there_keep_others_away_that_do_not_mind()
    {
        var scenario = Three();
        var shy = scenario.Place("a1", "app: shy", Away(Term("web")));
        Assert.Equal("b1", scenario.Where("app: web"));
        Assert.StartsWith("0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 2 node(s) didn't satisfy existing pods anti-affinity rules.", scenario.WhyNot("app: web", "nodeSelector: {zone: a}"));
        scenario.Cache.PodChanged(shy, null);
        Assert.StartsWith("a", scenario.Where("app: web", "nodeSelector: {zone: a}"));
    }

    [Fact]
    public void Terms_speak_of_the_pods_own_namespace_unless_they_say_otherwise()
    {
        var scenario = Three().Namespace("red", "team=x").Namespace("blue", "team=y");
        scenario.Place("b1", "app: db", ns: "red");
        Assert.Equal(NotNear, scenario.WhyNot("app: web", Near(Term("db"))));
        Assert.Equal("b1", scenario.Where("app: web", Near(Term("db", more: "namespaces: [red]"))));
        Assert.Equal("b1", scenario.Where("app: web", Near(Term("db", more: "namespaceSelector: {}"))));
        Assert.Equal("b1", scenario.Where("app: web", Near(Term("db", more: "namespaceSelector: {matchLabels: {team: x}}"))));
        Assert.Equal(NotNear, scenario.WhyNot("app: web", Near(Term("db", more: "namespaceSelector: {matchLabels: {team: y}}"))));
        scenario.Namespace("red", "team=y");
        Assert.Equal("b1", scenario.Where("app: web", Near(Term("db", more: "namespaceSelector: {matchLabels: {team: y}}"))));
        Assert.Equal("b1", scenario.Where("app: web", Near(Term("db", more: "namespaces: [blue, red]"))));
    }

    [Fact]
    public void A_term_without_a_selector_names_nobody()
    {
        var scenario = Three();
        scenario.Place("b1", "app: db");
        Assert.Equal(NotNear, scenario.WhyNot("app: web", Near("{topologyKey: zone}")));
        Assert.NotNull(scenario.Where("app: web", Away("{topologyKey: zone}")));
        Assert.Equal("b1", scenario.Where("app: web", Near("{topologyKey: zone, labelSelector: {}}") + ", nodeSelector: {zone: b}"));
    }

    [Fact]
    public void Label_keys_stand_for_the_pods_own_values()
    {
        var scenario = Three();
        scenario.Place("a1", "app: web, rev: '1'");
        scenario.Place("b1", "app: web, rev: '2'");
        Assert.Equal("b1", scenario.Where("app: web, rev: '2'", Near(Term("web", more: "matchLabelKeys: [rev]"))));
        Assert.StartsWith("a", scenario.Where("app: web, rev: '1'", Away(Term("web", more: "mismatchLabelKeys: [rev]"))));
    }

    [Fact]
    public void Wishes_decide_between_nodes_that_fit_in_both_directions()
    {
        var scenario = Three();
        scenario.Place("b1", "app: db");
        Assert.Equal("b1", scenario.Where("app: web", Prefer("podAffinity", Term("db"))));
        Assert.StartsWith("a", scenario.Where("app: web", Prefer("podAntiAffinity", Term("db"))));

        var other = Three();
        other.Place("b1", "app: friendly", Prefer("podAffinity", Term("web")));
        Assert.Equal("b1", other.Where("app: web"));
        other.Place("b1", "app: shy", Prefer("podAntiAffinity", Term("web"), 100));
        Assert.StartsWith("a", other.Where("app: web"));

        var third = Three();
        third.Place("b1", "app: web", Near(Term("web")));
        Assert.Equal("b1", third.Where("app: web")); // a required affinity of the other counts as a wish
    }

    [Fact]
    public void A_pod_that_goes_no_longer_counts()
    {
        var scenario = Three();
        var db = scenario.Place("b1", "app: db");
        Assert.Equal("b1", scenario.Where("app: web", Near(Term("db"))));
        scenario.Cache.PodChanged(db, null);
        Assert.Equal(NotNear, scenario.WhyNot("app: web", Near(Term("db"))));
    }

    [Fact]
    public void Pods_that_name_their_node_look_at_no_other()
    {
        var scenario = Three();
        string Named(string node) => $"affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{{matchFields: [{{key: metadata.name, operator: In, values: [{node}]}}]}}]}}}}}}";
        Assert.Equal("a2", scenario.Where(spec: Named("a2")));
        Assert.Equal("0/3 nodes are available: 3 node(s) didn't satisfy plugin(s) [NodeAffinity].", scenario.WhyNot(spec: Named("gone")));
        scenario.Cache.NodeChanged(null, Controllers.TestObjects.Node("a2", labels: ["zone=a"], unschedulable: true));
        Assert.Equal("0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].", scenario.WhyNot(spec: Named("a2")));
    }
}
