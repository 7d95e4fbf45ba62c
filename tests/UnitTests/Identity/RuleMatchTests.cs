using ControlPlane.Authentication;
using ControlPlane.Authorization;
using KubeApi.Objects;
using Xunit;

namespace UnitTests.Identity;

public sealed class RuleMatchTests
{
    private static readonly User Jane = new("jane", []);

    [Theory]
    [InlineData("get", "", "pods", "", true)]
    [InlineData("get", "", "pods", "log", false)]
    [InlineData("list", "", "pods", "", false)]
    [InlineData("get", "apps", "pods", "", false)]
    [InlineData("update", "apps", "deployments", "scale", true)]
    [InlineData("update", "apps", "replicasets", "scale", true)]
    [InlineData("update", "apps", "deployments", "status", false)]
    [InlineData("delete", "batch", "jobs", "status", true)]
    public void Verb_group_and_resource_must_all_match(string verb, string group, string resource, string subresource, bool allowed)
    {
        PolicyRule[] rules = [Rule("get", "", "pods"), Rule("update", "apps", "*/scale"), Rule("*", "batch", "*")];
        Assert.Equal(allowed, rules.Any(rule => RuleMatch.Allows(rule, new AccessRequest(Jane, verb) { Group = group, Resource = resource, Subresource = subresource })));
    }

    [Fact]
    public void Names_narrow_a_rule_and_a_create_has_none_yet()
    {
        var rule = Rule("get create", "", "configmaps") with { ResourceNames = ["mine"] };
        var get = new AccessRequest(Jane, "get") { Resource = "configmaps", Name = "mine" };
        Assert.True(RuleMatch.Allows(rule, get));
        Assert.False(RuleMatch.Allows(rule, get with { Name = "other" }));
        Assert.False(RuleMatch.Allows(rule, get with { Verb = "create", Name = "" }));
    }

    [Theory]
    [InlineData("/metrics", true)]
    [InlineData("/metrics/x", false)]
    [InlineData("/healthz/etcd", true)]
    [InlineData("/health", false)]
    public void Paths_match_whole_or_up_to_a_star(string path, bool allowed)
    {
        var rule = new PolicyRule { Verbs = ["get"], NonResourceURLs = ["/metrics", "/healthz/*"] };
        Assert.Equal(allowed, RuleMatch.Allows(rule, new AccessRequest(Jane, "get") { Path = path }));
    }

    [Fact]
    public void A_rule_is_covered_when_each_of_its_parts_is()
    {
        PolicyRule[] owned = [Rule("get list", "", "pods"), Rule("*", "apps", "deployments"), Rule("get", "", "secrets") with { ResourceNames = ["a", "b"] }, new() { Verbs = ["get"], NonResourceURLs = ["/api/*"] }];
        Assert.True(All(Rule("get", "", "pods")));
        Assert.True(All(Rule("get list", "", "pods")));
        Assert.True(All(Rule("delete", "apps", "deployments") with { ResourceNames = ["x"] }));
        Assert.True(All(Rule("get", "", "secrets") with { ResourceNames = ["b"] }));
        Assert.True(All(new PolicyRule { Verbs = ["get"], NonResourceURLs = ["/api/v1"] }));
        Assert.False(All(Rule("get watch", "", "pods")));
        Assert.False(All(Rule("get", "", "pods services")));
        Assert.False(All(Rule("get", "", "secrets")));
        Assert.False(All(Rule("get", "", "secrets") with { ResourceNames = ["b", "c"] }));
        Assert.False(All(Rule("*", "*", "*")));
        Assert.False(All(new PolicyRule { Verbs = ["get"], NonResourceURLs = ["*"] }));

        bool All(PolicyRule rule) => RuleMatch.Split(rule).All(single => RuleMatch.Covers(owned, single));
    }

    private static PolicyRule Rule(string verbs, string group, string resources) => DefaultRoles.Rule(verbs, group, resources);
}
