using System.Net;
using ControlPlane;
using ControlPlane.Authorization;
using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace UnitTests.Identity;

public sealed class DefaultRolesTests
{
    [Fact]
    public async Task A_restart_adds_what_default_roles_lack_and_keeps_what_was_added_or_is_not_to_be_touched()
    {
        using var directory = new TemporaryDirectory();
        await Run(directory.Path, async api =>
        {
            var discovery = await api.Get<ClusterRole>("", "system:discovery", default);
            var own = new PolicyRule { Verbs = ["get"], NonResourceURLs = ["/mine"] };
            await api.Update(discovery with { Rules = [own] }, default);
            var dns = await api.Get<ClusterRole>("", "system:kube-dns", default);
            await api.Update(dns with { Rules = [], Metadata = dns.Metadata with { Annotations = new Dictionary<string, string> { [DefaultMeta.AutoUpdate] = "false" } } }, default);
            var admins = await api.Get<ClusterRoleBinding>("", "cluster-admin", default);
            await api.Update(admins with { Subjects = [new Subject { Kind = "User", ApiGroup = "rbac.authorization.k8s.io", Name = "root" }] }, default);
            await api.Delete<ClusterRole>("", "view", default);
        });
        await Run(directory.Path, async api =>
        {
            var discovery = await api.Get<ClusterRole>("", "system:discovery", default);
            Assert.Contains(discovery.Rules!, rule => rule.NonResourceURLs!.Contains("/mine"));
            Assert.Contains(discovery.Rules!, rule => rule.NonResourceURLs!.Contains("/api/*"));
            Assert.Null((await api.Get<ClusterRole>("", "system:kube-dns", default)).Rules);
            Assert.Equal(["root", "system:masters"], (await api.Get<ClusterRoleBinding>("", "cluster-admin", default)).Subjects!.Select(subject => subject.Name));
            Assert.NotNull((await api.Get<ClusterRole>("", "view", default)).AggregationRule);
        });
        long before = 0, after = 0;
        await Run(directory.Path, async api => before = Revision(await api.List<ClusterRole>(new ListOptions(), default)));
        await Run(directory.Path, async api => after = Revision(await api.List<ClusterRole>(new ListOptions(), default)));
        Assert.True(after - before < 10, $"a restart that finds everything in place writes {after - before} times");
    }

    [Fact]
    public void Every_default_binding_is_of_a_default_role()
    {
        var roles = DefaultRoles.All.Select(role => role.Name).ToHashSet();
        Assert.All(DefaultBindings.Cluster, binding => Assert.Contains(binding.RoleRef.Name, roles));
        Assert.Equal(roles.Count, DefaultRoles.All.Count);
    }

    [Fact]
    public void An_aggregated_role_has_the_rules_of_all_that_match_each_once()
    {
        ClusterRole Part(string name, string label, params string[] verbs) => DefaultRoles.Role(name, [.. verbs.Select(verb => DefaultRoles.Rule(verb, "", "pods"))]) with
        {
            Metadata = new ObjectMeta { Name = name, Labels = new Dictionary<string, string> { [label] = "true" } },
        };
        var whole = new ClusterRole
        {
            Metadata = new ObjectMeta { Name = "whole", Labels = new Dictionary<string, string> { ["a"] = "true" } },
            AggregationRule = new AggregationRule { ClusterRoleSelectors = [Labelled("a"), Labelled("b")] },
        };
        var rules = ClusterRoleAggregationController.Aggregate(whole, [Part("z", "a", "get"), Part("y", "b", "list", "get"), Part("x", "c", "delete"), whole with { Rules = [DefaultRoles.Rule("watch", "", "pods")] }]);
        Assert.Equal(["list", "get"], rules.Select(rule => rule.Verbs.Single()));

        static LabelSelector Labelled(string key) => new() { MatchLabels = new Dictionary<string, string> { [key] = "true" } };
    }

    private static long Revision(KubeList<ClusterRole> list) => long.Parse(list.Metadata.ResourceVersion!);

    private static async Task Run(string directory, Func<ApiClient, Task> use)
    {
        await using var host = await ControlPlaneHost.Start(new ControlPlaneOptions(directory, new IPEndPoint(IPAddress.Loopback, 0), null, IPAddress.Parse("192.0.2.1"), "10.244.0.0/16", "10.96.0.0/16"),
            NullLoggerFactory.Instance, CancellationToken.None);
        using var api = new ApiClient(host.Authority.CreateKubeconfig($"https://127.0.0.1:{host.Address.Port}", "admin", "system:masters"), "test");
        await use(api);
    }
}
